"""What somebody looks for on the map: one filter for the address, the map and the list."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct
from msgspec.structs import replace

from points.service.categories import category_of
from talentmap.activities.views import Wish
from talentmap.pins.filters import Filter, checked_filter
from web.forms import Id

Layer = Literal["talents", "activities", "places"]
USUAL_LAYERS: tuple[Layer, ...] = ("talents", "activities")
TALENTS_TEXT_MOST = 40
Code = Annotated[str, Meta(max_length=32)]


class MapQuery(Struct, frozen=True):
    """The filter as it stands in the address."""

    layer: tuple[Layer, ...] = ()
    skill: tuple[Code, ...] = ()
    match: Literal["any", "all"] = "any"
    category: Code = ""
    level: Code = ""
    q: Annotated[str, Meta(max_length=60)] = ""
    day: date | None = None
    area: Id | None = None

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers that are shown."""
        return self.layer or USUAL_LAYERS

    @property
    def is_filtered(self) -> bool:
        """Whether less is looked for than everything."""
        return bool(self.skill or self.category or self.level or self.q or self.day)

    def href(self, **changes: object) -> str:
        """The address of the same filter with something changed."""
        asked = replace(self, **changes)
        pairs: list[tuple[str, object]] = []
        if set(asked.layers) != set(USUAL_LAYERS):
            pairs += [("layer", one) for one in asked.layers]
        pairs += [("skill", one) for one in asked.skill]
        if asked.match == "all" and len(asked.skill) > 1:
            pairs.append(("match", "all"))
        rest = {
            "category": asked.category, "level": asked.level, "q": asked.q, "day": asked.day,
            "area": asked.area,
        }  # fmt: skip
        pairs += [(name, value) for name, value in rest.items() if value]
        return f"/map?{urlencode(pairs)}" if pairs else "/map"

    def talents_href(self, area: int) -> str:
        """The address of all talents of an area, page by page, with the same filter."""
        pairs = [("skill", code) for code in self.skill]
        rest = {
            "match": "all" if self.match == "all" else "", "category": self.category,
            "level": self.level, "q": self.q[:TALENTS_TEXT_MOST], "area": str(area),
        }  # fmt: skip
        return f"/talents?{urlencode(pairs + [pair for pair in rest.items() if pair[1]])}"

    def without_skill(self, code: str) -> str:
        """The address of the same filter without this skill."""
        return self.href(skill=tuple(one for one in self.skill if one != code))


def activity_wish(query: MapQuery, time_zone: str) -> Wish | None:
    """The part of the filter that activities answer to; None where it leaves none of them."""
    if "activities" not in query.layers or (query.category and not category_of(query.category)):
        return None
    start = end = None
    if query.day:
        zone = ZoneInfo(time_zone)
        start = datetime.combine(query.day, time(), zone).astimezone(UTC)
        end = datetime.combine(query.day + timedelta(days=1), time(), zone).astimezone(UTC)
    return Wish(category=query.category or None, starts_from=start, starts_before=end)


def checked(query: MapQuery, time_zone: str) -> Filter:
    """The filter as the map's use cases take it."""
    return checked_filter(
        layers=query.layers, skills=query.skill, match=query.match, category=query.category,
        level=query.level, text=query.q, day=query.day.isoformat() if query.day else "",
        time_zone=time_zone,
    )  # fmt: skip
