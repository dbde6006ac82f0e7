"""The committee decides together: n approvals, nobody on her own affairs, everybody with a reason.

A vote is final.  The outcome follows in the transaction of the vote that makes it certain.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from points.community.areas import is_within
from points.community.profiles import PersonView, person
from points.community.rules import clean_text, is_minor
from points.rewards.authority import STEWARD, Place, members, place_of, require_role
from points.rewards.cases import Case, case, stakes, tell
from points.rewards.errors import (
    AlreadyDecided,
    AlreadyVoted,
    ChoiceUnknown,
    NotOnCommittee,
    StandInInvolved,
    StandInNotNeeded,
    StandInUnfit,
    StandInYourself,
    VoteReasonMissing,
    VoteReasonTooLong,
)
from points.rewards.minutes import Decision, Minutes, minutes
from points.rewards.queue import QueueLine, count_queue, queue
from points.rewards.rules import CHOICES, INVOLVED, Stake, seats_for_stand_ins
from points.rewards.voting import REASON_LENGTH_MAX, Ballot, VoteLine, ballot, settle, votes_on
from points.transactions import run, use_case

__all__ = [
    "Decision",
    "Minutes",
    "QueueLine",
    "VoteLine",
    "appoint_stand_in",
    "count_queue",
    "members",
    "minutes",
    "queue",
    "vote",
    "votes_on",
]

REASONED: Final = ("refuse", "recuse")


@use_case
async def vote(
    *, actor_id: int, redemption_id: int, choice: str, now: datetime, reason: str = ""
) -> str:
    """Approve, refuse, or stand back and say why; answers with the state of the request."""
    why = _reason(choice, reason)
    found = await case(redemption_id, lock=True)
    place = await place_of(book_id=found.book_id, now=now)
    standing = await ballot(found, place=place)
    if actor_id not in standing.names:
        raise NotOnCommittee
    if found.state != "requested":
        raise AlreadyDecided(state=found.state)
    if actor_id in {line.member_id for line in standing.votes}:
        raise AlreadyVoted
    if choice != "recuse":
        refuse_involved(await stakes(found.id), actor_id)
    await run(
        "INSERT INTO committee_vote (redemption_id, member_id, choice, reason, voted_at) "
        "VALUES ({}, {}, {}, {}, {})",
        found.id,
        actor_id,
        choice,
        why,
        now.astimezone(UTC),
    )
    outcome = await settle(found, place=place, now=now)
    return outcome or found.state


def refuse_involved(noted: Mapping[int, Stake], actor_id: int) -> None:
    """Refuse whoever has a stake in the request, and say which."""
    if actor_id in noted:
        raise INVOLVED[noted[actor_id]]


def _reason(choice: str, reason: str) -> str:
    if choice not in CHOICES:
        raise ChoiceUnknown(field="choice")
    why = clean_text(reason)
    if len(why) > REASON_LENGTH_MAX:
        raise VoteReasonTooLong(field="reason", most=REASON_LENGTH_MAX)
    if choice in REASONED and not why:
        raise VoteReasonMissing(field="reason", most=REASON_LENGTH_MAX)
    return why


@use_case
async def appoint_stand_in(
    *, actor_id: int, redemption_id: int, person_id: int, now: datetime
) -> None:
    """Let a resident vote where too few members may, or after the deadline too few did."""
    found = await case(redemption_id, lock=True)
    place = await place_of(book_id=found.book_id, now=now)
    await require_role(place, actor_id=actor_id, roles=STEWARD)
    if found.state != "requested":
        raise AlreadyDecided(state=found.state)
    refuse_involved(await stakes(found.id), actor_id)
    standing = await ballot(found, place=place)
    await _check_fit(await person(person_id), standing, place=place, actor_id=actor_id)
    if not _seats(found, standing, now):
        raise StandInNotNeeded
    await run(
        "INSERT INTO stand_in (redemption_id, person_id, appointed_by, appointed_at) "
        "VALUES ({}, {}, {}, {})",
        found.id,
        person_id,
        actor_id,
        now.astimezone(UTC),
    )
    await tell(
        found,
        person_ids=[person_id],
        kind="stand_in_appointed",
        facts={},
        path="/committee",
        now=now,
    )


async def _check_fit(chosen: PersonView, standing: Ballot, *, place: Place, actor_id: int) -> None:
    if chosen.id == actor_id:
        raise StandInYourself
    if chosen.id in standing.involved:
        raise StandInInvolved(field="person_id")
    unfit = (
        chosen.closed
        or is_minor(chosen.birth_date, place.today)
        or chosen.id in standing.names
        or not await is_within(chosen.area_id, place.area_id)
    )
    if unfit:
        raise StandInUnfit(field="person_id")


def _seats(found: Case, standing: Ballot, now: datetime) -> int:
    return seats_for_stand_ins(
        standing.count,
        waiting_stand_ins=len(standing.stand_ins.intersection(standing.undecided)),
        overdue=found.decide_by < now,
    )
