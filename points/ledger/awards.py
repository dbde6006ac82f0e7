"""Awards in sets: whoever comes while one set is being written goes into the next.

Every award has a receipt or an error of its own.  If a set fails, each of its awards is posted
alone, so that nobody pays for a neighbour's mistake; nobody hears anything before the commit.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from weakref import WeakKeyDictionary

from points.errors import DomainError
from points.ledger.accounts import OpenAccounts, names_of_person, open_accounts
from points.ledger.errors import BadAmount
from points.ledger.gains import Award, gain
from points.ledger.journal import (
    Heading,
    Receipt,
    answers_to,
    check_heading,
    first_receipt,
    receipt,
)
from points.ledger.rules import (
    AMOUNT_MAX,
    ISSUER,
    ISSUER_MINUTES,
    AccountName,
    Move,
    Standing,
    earn,
    enter,
    vintage_of,
)
from points.ledger.written import Booked, write
from points.transactions import engine, is_postgres, use_case, whole

SET_MAX: Final = 64
# On PostgreSQL one set is prepared while the server writes another; SQLite has one writer.
SETS_AT_ONCE: Final = {True: 2, False: 1}

Outcome = Receipt | Exception


def to_award(
    *,
    book_id: int,
    person_id: int,
    minutes: int,
    points: int,
    expires_on: date,
    service_record_id: int,
    reference: str,
    reason: str,
    details: Sequence[Mapping[str, object]] = (),
    actor_id: int | None,
    happened_at: datetime,
    now: datetime,
) -> Award:
    """What is to be posted, if it can be at all."""
    for amount, least in ((minutes, 1), (points, 0)):
        if not least <= amount <= AMOUNT_MAX:
            raise BadAmount(amount=amount)
    heading = Heading(
        book_id=book_id,
        kind="award",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts={
            "person": person_id,
            "points": points,
            "minutes": minutes,
            "expires_on": expires_on,
        },
        happened_at=happened_at,
        details=details,
        service_record_id=service_record_id,
    )
    check_heading(heading)
    names, vintage = names_of_person(person_id), vintage_of(expires_on)
    return Award(heading, heading.row, names, minutes, points, vintage)


async def post_award(award: Award) -> Receipt:
    """Post it: in the open transaction, or in the next set."""
    if engine().transaction_exists():
        [outcome] = await post_set(awards=[award])
        return told(outcome)
    return await _queue().posted(award)


def told(outcome: Outcome) -> Receipt:
    """The receipt; or the error is raised."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


@use_case
@whole
async def post_set(*, awards: Sequence[Award]) -> list[Outcome]:
    """Post awards of one book in one transaction; each its receipt, or the first refusal."""
    gained = await gain(awards)
    return list(gained) if gained else await _one_by_one(awards=awards)


@use_case
@whole
async def _one_by_one(*, awards: Sequence[Award]) -> list[Outcome]:
    """Look at what was answered before and where everybody stands, then post what is new."""
    answers = await answers_to([award.heading.reference for award in awards])
    outcomes: dict[int, Outcome] = {}
    for number, award in enumerate(awards):
        if answer := answers.get(award.heading.reference):
            outcomes[number] = await _answered(answer, award.heading)
    fresh = {number: one for number, one in enumerate(awards) if number not in outcomes}
    if fresh:
        new = list(fresh.values())
        accounts = await open_accounts(book_id=new[0].heading.book_id, names=_names(new))
        outcomes |= dict(zip(fresh, await _written(new, accounts), strict=True))
    return [outcomes[number] for number in range(len(awards))]


async def _answered(answer: Mapping[str, object], heading: Heading) -> Outcome:
    try:
        return await first_receipt(answer, heading=heading)
    except DomainError as refusal:
        return refusal


async def _written(awards: Sequence[Award], accounts: OpenAccounts) -> Sequence[Receipt]:
    booked, after = _planned(awards, accounts)
    ids = await write(booked, accounts=accounts, after=after)
    return [receipt(number, one) for number, one in zip(ids, booked, strict=True)]


def _names(awards: Sequence[Award]) -> list[AccountName]:
    return [ISSUER, ISSUER_MINUTES, *dict.fromkeys(name for one in awards for name in one.names)]


def _planned(
    awards: Sequence[Award], accounts: OpenAccounts
) -> tuple[list[Booked], dict[AccountName, Standing]]:
    """Each award's entries, and where everybody stands after all of them."""
    after = dict(accounts.standings)
    booked = []
    for award in awards:
        hers = {name: after[name] for name in award.names}
        entered, stands = enter(_moves(award, hers), hers)
        after.update(stands)
        booked.append(Booked(posting=award.posting, entered=entered))
    return booked, after


def _moves(award: Award, stands: Mapping[AccountName, Standing]) -> list[Move]:
    member, arrears, minutes = award.names
    repaid, kept = earn(points=award.points, arrears=stands[arrears].balance)
    moves = [Move(ISSUER, arrears, repaid)] if repaid else []
    if kept:
        moves.append(Move(ISSUER, member, kept, award.vintage))
    return [*moves, Move(ISSUER_MINUTES, minutes, award.minutes)]


@dataclass(slots=True, weakref_slot=True)
class _Queue:
    """Those who wait on one event loop, first come first served."""

    waiting: deque[tuple[Award, "asyncio.Future[Receipt]"]] = field(default_factory=deque)
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    working: int = 0

    async def posted(self, award: Award) -> Receipt:
        """Wait for the set that takes this award."""
        if not self.working:
            return await self._posted_alone(award)
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self.waiting.append((award, future))
        self._start()
        return await future

    async def _posted_alone(self, award: Award) -> Receipt:
        """Whoever finds nobody at work needs no set, only somebody after her for who came then."""
        self.working += 1
        try:
            [outcome] = await _outcomes([award])
        finally:
            self.working -= 1
            self._start()
        return told(outcome)

    def _start(self) -> None:
        if self.waiting and self.working < SETS_AT_ONCE[is_postgres()]:
            self.working += 1
            # In a context of its own: whose award is the first of a set is nobody's business.
            task = asyncio.get_running_loop().create_task(self._work(), context=Context())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _work(self) -> None:
        try:
            while self.waiting:
                await self._serve(self._taken())
        finally:
            # In the same step as the last look at the queue: whoever comes next starts another.
            self.working -= 1

    async def _serve(self, taken: list[tuple[Award, "asyncio.Future[Receipt]"]]) -> None:
        try:
            outcomes = await _outcomes([award for award, _ in taken])
            for (_, future), outcome in zip(taken, outcomes, strict=True):
                _tell(future, outcome)
        finally:
            for _, future in taken:
                future.cancel()  # Of those who were told it changes nothing.

    def _taken(self) -> list[tuple[Award, "asyncio.Future[Receipt]"]]:
        """The next of one book, no reference twice."""
        first = self.waiting[0][0].heading
        taken: list[tuple[Award, asyncio.Future[Receipt]]] = []
        references: set[str] = set()
        while self.waiting and len(taken) < SET_MAX:
            heading = self.waiting[0][0].heading
            if heading.book_id != first.book_id or heading.reference in references:
                break
            references.add(heading.reference)
            taken.append(self.waiting.popleft())
        return taken


async def _outcomes(awards: Sequence[Award]) -> Sequence[Outcome]:
    done = await _tried(awards)
    if isinstance(done, Exception) and len(awards) > 1:
        return [outcome for award in awards for outcome in _each(await _tried([award]))]
    return _each(done)


def _each(done: Sequence[Outcome] | Exception) -> Sequence[Outcome]:
    return [done] if isinstance(done, Exception) else done


async def _tried(awards: Sequence[Award]) -> Sequence[Outcome] | Exception:
    try:
        if not is_postgres():
            return await post_set(awards=awards)
        return await _quick(awards) or await _one_by_one(awards=awards)
    except Exception as error:
        return error


async def _quick(awards: Sequence[Award]) -> Sequence[Outcome] | None:
    try:
        return await gain(awards)
    except Exception:
        return None  # In a transaction it is tried again, and what is wrong is said there.


def _tell(future: "asyncio.Future[Receipt]", outcome: Outcome) -> None:
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, _Queue] = WeakKeyDictionary()


def _queue() -> _Queue:
    return _queues.setdefault(asyncio.get_running_loop(), _Queue())
