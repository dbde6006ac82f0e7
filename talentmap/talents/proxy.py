"""A profile written down for somebody who has no phone: by staff with a reason, or a guardian.

Staff says once why; the words are kept for the sitting, and stand beside every change in the log
that the person reads.  Recognising a skill stays the office's own, in recognition.py.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from points.community import areas
from points.community.consents import PURPOSES, give_consent, has_consented
from points.community.errors import GuardianDecides
from points.community.grants import require
from points.community.guardians import is_guardian
from points.community.people import locked_person
from points.community.reads import log_proxy, log_reads
from points.community.roles import ENROLLERS
from points.community.rules import age_on, clean_text, is_minor
from points.notices.post import notify
from points.transactions import run, use_case, whole
from talentmap.talents import profiles
from talentmap.talents.errors import AgreementMissing, OwnProfileElsewhere, PaperMissing
from talentmap.talents.listing import PURPOSE
from talentmap.talents.rules import Visibility

# How long the words that staff typed once are kept for the next change.
SITTING: Final = timedelta(hours=4)
# What stands in the log; only these begin or carry on a sitting.
ACTIONS: Final = ("talent_open", "talent_text", "talent_skill", "talent_show", "talent_hide")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Somebody's profile before whoever writes it down for her."""

    person_id: int
    name: str
    as_guardian: bool
    # The words of this sitting; without them staff is shown nothing but the name.
    reason: str
    profile: profiles.OwnProfile | None
    agreed: bool
    steps: tuple[Visibility, ...]

    @property
    def is_open(self) -> bool:
        """Whether one said why, or needs not."""
        return self.as_guardian or self.reason != ""


@use_case
async def open_for(*, actor_id: int, person_id: int, reason: str, now: datetime) -> None:
    """Say why one looks at somebody's profile and changes it; the words are kept for a while."""
    await _act(actor_id, person_id, "talent_open", reason, now)


@use_case
@whole
async def sheet(*, actor_id: int, person_id: int, now: datetime) -> Sheet:
    """The profile with what can be chosen; that staff looked is noted for the person to read."""
    person, as_guardian = await _may(actor_id, person_id, now)
    reason = "" if as_guardian else await _kept_reason(actor_id, person_id, now)
    shown = as_guardian or reason != ""
    if shown and not as_guardian:
        await log_reads(actor_id=actor_id, person_ids=[person_id], what="talent_profile", now=now)
    return Sheet(
        person_id=person_id,
        name=person["name"],
        as_guardian=as_guardian,
        reason=reason,
        profile=await profiles.own_profile(person_id) if shown else None,
        agreed=shown and await has_consented(person_id=person_id, purpose=PURPOSE),
        steps=await profiles.steps_of(person_id=person_id, now=now) if shown else (),
    )


@use_case
async def save_for(
    *,
    actor_id: int,
    person_id: int,
    nickname: str,
    about: str,
    times: Collection[str],
    reason: str,
    now: datetime,
) -> None:
    """Write what somebody's profile says; a new one is seen by nobody."""
    await _act(actor_id, person_id, "talent_text", reason, now)
    await profiles.save_profile(
        person_id=person_id, nickname=nickname, about=about, times=times, now=now
    )


@use_case
async def put_skill_for(
    *, actor_id: int, person_id: int, code: str, level: str, reason: str, now: datetime
) -> None:
    """Name one more skill of somebody, or another level of it."""
    await _act(actor_id, person_id, "talent_skill", reason, now)
    await profiles.put_skill(person_id=person_id, code=code, level=level, now=now)


@use_case
async def drop_skill_for(
    *, actor_id: int, person_id: int, code: str, reason: str, now: datetime
) -> None:
    """Name a skill of somebody no longer."""
    await _act(actor_id, person_id, "talent_skill", reason, now)
    await profiles.drop_skill(person_id=person_id, code=code, now=now)


@use_case
async def show_for(
    *,
    actor_id: int,
    person_id: int,
    visibility: str,
    reason: str,
    now: datetime,
    agrees: bool = False,
    paper: str = "",
) -> None:
    """Say who may see somebody.

    ``agrees`` gives her consent with it: a guardian's own word, or staff's with the signed
    ``paper`` as its reason.
    """
    as_guardian = await _act(actor_id, person_id, "talent_show", reason, now)
    if visibility != "self" and agrees:
        if not as_guardian and not clean_text(paper):
            raise PaperMissing(field="paper")
        await give_consent(
            actor_id=actor_id, person_id=person_id, purpose=PURPOSE, reason=paper, now=now
        )
    elif visibility != "self" and not await has_consented(person_id=person_id, purpose=PURPOSE):
        raise AgreementMissing(field="agrees")
    await profiles.set_visibility(person_id=person_id, visibility=visibility, now=now)


@use_case
async def hide_for(*, actor_id: int, person_id: int, reason: str, now: datetime) -> None:
    """Take somebody off the map from this moment."""
    await _act(actor_id, person_id, "talent_hide", reason, now)
    await profiles.hide_now(person_id=person_id, now=now)


async def _act(actor_id: int, person_id: int, action: str, reason: str, now: datetime) -> bool:
    """Note what is done in somebody's name and tell her; whether it is her guardian who does it."""
    _, as_guardian = await _may(actor_id, person_id, now)
    if as_guardian:
        return True
    await log_proxy(actor_id=actor_id, person_id=person_id, action=action, reason=reason, now=now)
    [actor] = await run("SELECT name FROM person WHERE id = {}", actor_id)
    # One notice for a sitting; the log has every line.
    await notify(
        person_ids=[person_id],
        kind="talent_written_for_you",
        facts={"name": actor["name"]},
        path="/me/proxies",
        now=now,
        dedup=f"talent_for:{actor_id}:{now.astimezone(UTC).date()}",
    )
    return False


async def _may(actor_id: int, person_id: int, now: datetime) -> tuple[dict[str, Any], bool]:
    """The person, and whether the actor is her guardian; refuses who may not act for her."""
    person = await locked_person(person_id)
    if actor_id == person_id:
        raise OwnProfileElsewhere
    today = await areas.day_in(person["area_id"], now)
    if await _answers_for(actor_id, person, today):
        return person, True
    await require(person_id=actor_id, roles=ENROLLERS, area_id=person["area_id"], today=today)
    born, years = person["birth_date"], PURPOSES[PURPOSE].alone_from_years
    if born is not None and age_on(born, today) < years:
        raise GuardianDecides(years=years)
    return person, False


async def _answers_for(actor_id: int, person: dict[str, Any], today: date) -> bool:
    return is_minor(person["birth_date"], today) and await is_guardian(
        person_id=actor_id, child_id=person["id"], today=today
    )


async def _kept_reason(actor_id: int, person_id: int, now: datetime) -> str:
    """What staff typed last in this sitting; empty if there was none."""
    marks = ", ".join(["{}"] * len(ACTIONS))
    rows = await run(
        "SELECT reason FROM proxy_action WHERE actor_id = {} AND person_id = {} AND acted_at > {} "
        f"AND action IN ({marks}) ORDER BY id DESC LIMIT 1",
        *(actor_id, person_id, (now - SITTING).astimezone(UTC), *ACTIONS),
    )
    return str(rows[0]["reason"]) if rows else ""
