"""Kinds of service, how demanding each is, and what it does for the neighbourhood.

The tier decides the multiplier, the activity class says whether people met out of interest or
cared for what they share; the step from the first to the second is what the scheme is for.
Codes are stored and never change; labels are message ids for translation.
"""

from dataclasses import dataclass
from typing import Literal

Tier = Literal["ordinary", "skilled", "urgent"]
ActivityClass = Literal["interest", "governance"]
ACTIVITY_CLASSES: tuple[ActivityClass, ...] = ("interest", "governance")


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of service."""

    code: str
    label: str
    tier: Tier
    activity_class: ActivityClass


def N_(message: str) -> str:  # noqa: N802 - the customary name that extraction looks for
    """Mark a text for translation and leave it as it is."""
    return message


CATEGORIES: tuple[Category, ...] = (
    Category("stairwell_patrol", N_("Stairwell patrol"), "ordinary", "governance"),
    Category("safety_patrol", N_("Safety patrol"), "ordinary", "governance"),
    Category("waste_sorting", N_("Waste sorting duty"), "ordinary", "governance"),
    Category(
        "stairwell_clearing",
        N_("Clearing stairwells of piled-up things"),
        "ordinary",
        "governance",
    ),
    Category("cleaning", N_("Cleaning shared ground"), "ordinary", "governance"),
    Category("stairwell_duty", N_("Stairwell duty"), "ordinary", "governance"),
    Category("bicycle_order", N_("Putting bicycles in order"), "ordinary", "governance"),
    Category("door_visit", N_("Visits from door to door"), "ordinary", "governance"),
    Category("council", N_("Council or joint meeting"), "ordinary", "governance"),
    Category("covenant", N_("Drafting a covenant"), "ordinary", "governance"),
    Category("lift_team", N_("Lift installation team"), "ordinary", "governance"),
    Category("notice_board", N_("Keeping the notice board"), "ordinary", "governance"),
    Category("fire_drill", N_("Fire drill and safety talks"), "ordinary", "governance"),
    Category("greening", N_("Caring for greenery"), "ordinary", "governance"),
    Category("share_point", N_("Looking after a share point"), "ordinary", "governance"),
    Category("errands", N_("Errands for those who cannot go out"), "ordinary", "governance"),
    Category("culture_event", N_("Helping at a cultural event"), "ordinary", "interest"),
    Category("charity_bazaar", N_("Helping at a charity bazaar"), "ordinary", "interest"),
    Category("family_activity", N_("Helping at a family activity"), "ordinary", "interest"),
    Category("companionship", N_("Visits to a paired neighbour"), "skilled", "governance"),
    Category("mediation", N_("Mediation between neighbours"), "skilled", "governance"),
    Category("health_check", N_("Health checks"), "skilled", "governance"),
    Category("haircut", N_("Haircuts for neighbours"), "skilled", "governance"),
    Category("repair", N_("Repairs for neighbours"), "skilled", "governance"),
    Category("teaching", N_("Teaching a skill"), "skilled", "interest"),
    Category("phone_lessons", N_("Phone lessons for elders"), "skilled", "interest"),
    Category("emergency", N_("Emergency help"), "urgent", "governance"),
    Category("extreme_weather", N_("Duty in extreme weather"), "urgent", "governance"),
    Category("night_duty", N_("Night duty"), "urgent", "governance"),
)
_BY_CODE = {category.code: category for category in CATEGORIES}


def category_of(code: str) -> Category | None:
    """The category with that code, if there is one."""
    return _BY_CODE.get(code)
