"""The statement of one's own points and hours, and "why these points?" line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from points.community import grants, guardians, people, reads
from points.community.roles import STAFF
from points.errors import Missing
from points.ledger.disputes import frozen_of
from points.ledger.history import NO_SPAN, Span, span_of
from points.ledger.rules import NEVER
from points.ledger.statement import (
    NEWEST,
    Balances,
    EntryLine,
    PostingDetail,
    Way,
    balances,
    books_of,
    posting_detail,
    statement,
)
from points.service.occasions import book_of_person
from web import clock
from web.auth import WebRequest, actor, signed_in
from web.forms import Id, wanted
from web.i18n import N_, Translator
from web.pages import page, words
from web.points_reasons import sentences, what_of

LINES_PER_PAGE = 30
LINES_PER_PAGE_ELDER = 12
NOTHING = Balances(points=0, minutes=0, arrears=0, expiring=())
WAYS = (("both", N_("All")), ("in", N_("Only what came in")), ("out", N_("Only what went out")))
PERSONAL = frozenset({"member", "member_minutes", "arrears"})


class StatementQuery(Struct, frozen=True):
    """Which account and which of its entries; the days are those on which they were entered."""

    unit: Literal["points", "minutes"] = "points"
    book: Id | None = None
    before: Id | None = None
    way: Way = "both"
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A posting as the page says it."""

    what: str
    points: int
    minutes: int
    reasons: list[str]
    facts: list[tuple[str, str | None]]
    reversed_by: int | None
    reverses: int | None
    record_id: int | None


@get("/points", guards=[signed_in])
async def statement_page(request: WebRequest) -> Response[Any]:
    """My statement, newest first."""
    asked = wanted(request, StatementQuery)
    book_id = asked.book or await book_of_person(actor(request))
    standing, span, lines, frozen = await _statement(request, book_id, asked)
    return page(
        request, "points/statement.html", unit=asked.unit, balances=standing, never=NEVER,
        lines=lines[: _per_page(request)], what=what_of(words(request)), newer_href=_newest(asked),
        older_href=_older(asked, lines, _per_page(request)), asked=asked, span=span, frozen=frozen,
        ways=_ways(request), today=clock.today(request.user.time_zone), here=partial(_here, asked),
        books=_books(book_id, asked, await books_of(actor(request))), book=str(book_id),
    )  # fmt: skip


@get("/points/{posting_id:int}", guards=[signed_in])
async def why_page(request: WebRequest, posting_id: FromPath[int]) -> Response[Any]:
    """Why these points?"""
    detail = await posting_detail(posting_id)
    person_id = await whose(request, detail)
    own = person_id == actor(request)
    name = "" if own else (await people.person(person_id)).name
    view = await _shown(detail, person_id, words(request))
    return page(request, "points/why.html", view=view, own=own, name=name)


ROUTES: list[ControllerRouterHandler] = [statement_page, why_page]


async def standing_of(person_id: int) -> Balances:
    """What a person has and owes; nothing where no committee keeps points yet."""
    book_id = await book_of_person(person_id)
    return NOTHING if book_id is None else await balances(book_id=book_id, person_id=person_id)


async def _statement(
    request: WebRequest, book_id: int | None, asked: StatementQuery
) -> tuple[Balances, Span, Sequence[EntryLine], int]:
    if book_id is None:
        return NOTHING, NO_SPAN, (), 0
    owner = {"book_id": book_id, "person_id": actor(request)}
    span = await span_of(
        **owner, unit=asked.unit, since=asked.since, until=asked.until,
        time_zone=request.user.time_zone,
    )  # fmt: skip
    lines = await statement(
        **owner, unit=asked.unit, way=asked.way, after_sequence=span.after,
        before_sequence=min(asked.before or NEWEST, span.before), limit=_per_page(request) + 1,
    )  # fmt: skip
    return await balances(**owner), span, lines, await frozen_of(**owner)


def _per_page(request: WebRequest) -> int:
    return LINES_PER_PAGE_ELDER if request.user.elder_mode else LINES_PER_PAGE


def _here(asked: StatementQuery, **others: object) -> str:
    """The address of the same statement, or of one that differs in what is named."""
    kept: dict[str, object] = {
        "unit": asked.unit, "book": asked.book, "since": asked.since, "until": asked.until,
        "way": "" if asked.way == "both" else asked.way,
    } | others  # fmt: skip
    path = kept.pop("path", "/points")
    return f"{path}?{urlencode({name: value for name, value in kept.items() if value})}"


def _books(
    shown: int | None, asked: StatementQuery, books: Sequence[tuple[int, str]]
) -> list[tuple[str, str, str]]:
    """Tabs for whoever moved and has points with another committee; nothing for anybody else."""
    if not any(book_id != shown for book_id, _ in books):
        return []
    return [(str(one), _here(asked, book=one), name) for one, name in books]


def _ways(request: WebRequest) -> list[tuple[str, str]]:
    return [(way, words(request).gettext(word)) for way, word in WAYS]


def _newest(asked: StatementQuery) -> str:
    return _here(asked) if asked.before else ""


def _older(asked: StatementQuery, lines: Sequence[EntryLine], limit: int) -> str:
    if len(lines) <= limit:
        return ""
    return _here(asked, before=lines[limit - 1].sequence)


def owners_of(detail: PostingDetail) -> set[int]:
    """Whose points or minutes a posting moves."""
    return {
        account.owner_id
        for line in detail.lines
        for account in (line.source, line.target)
        if account.kind in PERSONAL
    }


async def whose(request: WebRequest, detail: PostingDetail) -> int:
    """Whose posting it is: one's own, one's child's, or of a resident of the staff's area."""
    owners = owners_of(detail)
    mine = actor(request)
    if mine in owners:
        return mine
    # What expires for many stands in one posting; each of them sees her own part, nobody else any.
    if len(owners) != 1:
        raise Missing
    [person_id] = owners
    today = clock.today(request.user.time_zone)
    if await guardians.is_guardian(person_id=mine, child_id=person_id, today=today):
        return person_id
    area_id = (await people.person(person_id)).area_id
    if not await grants.covers(person_id=mine, roles=STAFF, area_id=area_id, today=today):
        raise Missing
    await reads.log_reads(actor_id=mine, person_ids=[person_id], what="statement", now=clock.now())
    return person_id


async def _shown(detail: PostingDetail, person_id: int, say: Translator) -> Shown:
    changes = {"points": 0, "minutes": 0}
    vintages = set()
    for line in detail.lines:
        for account, sign in ((line.source, -1), (line.target, 1)):
            if account.kind in PERSONAL and account.owner_id == person_id:
                changes[account.unit] += sign * line.amount
                vintages |= {line.vintage} if line.vintage else set()
    by = (await people.person(detail.actor_id)).name if detail.actor_id else None
    soonest = min(vintages, default=NEVER)
    until = say.date(soonest) if soonest < NEVER else None
    return Shown(
        what=what_of(say)(detail),
        points=changes["points"],
        minutes=changes["minutes"],
        reasons=sentences(detail.details, say),
        facts=[
            (say.gettext("When it was done"), say.date_time(detail.happened_at)),
            (say.gettext("Entered by"), by),
            (say.gettext("Entered on"), say.date_time(detail.recorded_at)),
            (say.gettext("Valid until"), until if changes["points"] > 0 else None),
        ],
        reversed_by=detail.reversed_by[0] if detail.reversed_by else None,
        reverses=detail.reverses_id,
        record_id=detail.service_record_id,
    )
