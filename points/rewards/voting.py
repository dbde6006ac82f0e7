"""How a vote stands, and what follows as soon as its outcome is certain."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from points.community.secrets import install_secret
from points.rewards.authority import COMMITTEE, Place, holders_in
from points.rewards.cases import Case, give_back, stakes, tell
from points.rewards.rules import (
    Outcome,
    Tally,
    code_digest,
    end_of_day,
    pickup_codes,
    refused_reason,
    tally,
)
from points.service.policy import policy_at
from points.transactions import run

REASON_LENGTH_MAX: Final = 300
PICKUP_KEY: Final = "pickup"


@dataclass(frozen=True, slots=True)
class VoteLine:
    """What one member or stand-in said."""

    redemption_id: int
    member_id: int
    name: str
    choice: str
    reason: str
    voted_at: datetime
    stands_in: bool


@dataclass(frozen=True, slots=True)
class Ballot:
    """Who may vote on a request, who stands in, and how it stands."""

    names: dict[int, str]
    stand_ins: frozenset[int]
    undecided: tuple[int, ...]
    involved: frozenset[int]
    votes: tuple[VoteLine, ...]
    count: Tally


async def votes_on(redemption_id: int) -> tuple[VoteLine, ...]:
    """All votes on a request, in their order."""
    rows = await run(
        "SELECT v.redemption_id, v.member_id, p.name, v.choice, v.reason, v.voted_at, "
        "s.person_id AS stood_in FROM committee_vote v JOIN person p ON p.id = v.member_id "
        "LEFT JOIN stand_in s ON s.redemption_id = v.redemption_id AND s.person_id = v.member_id "
        "WHERE v.redemption_id = {} ORDER BY v.id",
        redemption_id,
    )
    return tuple(_line(row) for row in rows)


def _line(row: dict[str, Any]) -> VoteLine:
    stands_in = row.pop("stood_in") is not None
    return VoteLine(**row, stands_in=stands_in)


async def ballot(found: Case, *, place: Place) -> Ballot:
    """How the vote on a request stands today."""
    names = {one.person_id: one.name for one in await holders_in(place, roles=COMMITTEE)}
    rows = await run(
        "SELECT s.person_id, p.name FROM stand_in s JOIN person p ON p.id = s.person_id "
        "WHERE s.redemption_id = {} AND p.closed_at IS NULL",
        found.id,
    )
    stand_ins = frozenset(int(row["person_id"]) for row in rows)
    names |= {int(row["person_id"]): str(row["name"]) for row in rows}
    involved = frozenset(await stakes(found.id))
    votes = await votes_on(found.id)
    said = {vote.member_id for vote in votes}
    count = tally(
        quorum=found.quorum,
        voters=names,
        votes=[(vote.member_id, vote.choice) for vote in votes],
        involved=involved,
    )
    return Ballot(
        names=names,
        stand_ins=stand_ins,
        undecided=tuple(sorted(set(names) - said - involved)),
        involved=involved,
        votes=votes,
        count=count,
    )


async def settle(found: Case, *, place: Place, now: datetime) -> Outcome | None:
    """Close the vote on a locked request if its outcome is certain, and do what follows."""
    counted = await ballot(found, place=place)
    outcome = counted.count.outcome
    if outcome == "approved":
        await _approve(found, place=place, now=now)
    elif outcome == "refused":
        reasons = [vote.reason for vote in counted.votes if vote.choice == "refuse"]
        reason = refused_reason(reasons, REASON_LENGTH_MAX)
        await give_back(found, state="refused", reason=reason, grace=True, actor_id=None, now=now)
        await tell(
            found,
            person_ids=found.owners,
            kind="redemption_refused",
            facts={"reason": reason},
            now=now,
        )
    return outcome


async def _approve(found: Case, *, place: Place, now: datetime) -> None:
    terms = (await policy_at(place.book_id, place.today)).terms
    collect_by = end_of_day(now, days=terms.collect_days, time_zone=place.time_zone)
    await run(
        "UPDATE redemption SET state = 'approved', decided_at = {}, collect_by = {}, "
        "pickup_digest = {} WHERE id = {}",
        now.astimezone(UTC),
        collect_by.astimezone(UTC),
        await _unused_digest(found.id, now),
        found.id,
    )
    await tell(
        found,
        person_ids=found.owners,
        kind="redemption_approved",
        facts={"collect_at": collect_by},
        now=now,
    )


async def _unused_digest(redemption_id: int, now: datetime) -> str:
    """The digest of the first code of this request that no other request has."""
    secret = await install_secret(name=PICKUP_KEY, now=now)
    for code in pickup_codes(secret, redemption_id):
        digest = code_digest(code)
        if not await run("SELECT id FROM redemption WHERE pickup_digest = {}", digest):
            return digest
    raise AssertionError("eight codes in a row were taken")
