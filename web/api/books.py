"""The books: what I have, how it came there, and why these points."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from litestar.params import FromPath, FromQuery
from litestar.params import QueryParameter as Asked
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from points.ledger.rules import NEVER
from points.ledger.statement import (
    EntryLine,
    PostingDetail,
    Unit,
    balances,
    books_of,
    posting_detail,
    statement,
)
from points.service.errors import NoBookHere
from points.service.occasions import book_of_person
from web.api.answers import Page, paged, shaped
from web.api.routing import LIMIT, After, Limit, get, own_or_duty
from web.auth import WebRequest, actor
from web.forms import ID_MAX
from web.pages import words
from web.points_pages import PERSONAL, owners_of, whose
from web.points_reasons import sentences

BookId = Annotated[
    int | None, Asked(ge=1, le=ID_MAX, description="A book; without one, that of where I live.")
]


class Expiring(Struct, frozen=True):
    """Points and the last day on which they can be spent; null for those that stay."""

    last_day: date | None
    points: int


class Standing(Struct, frozen=True):
    """What I have and owe in one book; arrears are positive."""

    book_id: int
    points: int
    minutes: int
    arrears: int
    expiring: tuple[Expiring, ...]


class Book(Struct, frozen=True):
    """A book in which I have an account, and the committee that keeps it."""

    id: int
    kept_by: str


class Entry(Struct, frozen=True):
    """One line of my statement, with the balance after it and its reasons in words."""

    sequence: int
    amount: int
    balance: int
    kind: str
    reason: str
    reasons: tuple[str, ...]
    happened_at: datetime
    recorded_at: datetime
    posting_id: int
    service_record_id: int | None
    reversed: bool
    reverses_id: int | None
    vintage: date | None


class Why(Struct, frozen=True):
    """A posting as far as it concerns one person: what changed, and why, line by line."""

    posting_id: int
    book_id: int
    person_id: int
    kind: str
    reason: str
    reasons: tuple[str, ...]
    details: tuple[Mapping[str, Any], ...]
    points: int
    minutes: int
    happened_at: datetime
    recorded_at: datetime
    service_record_id: int | None
    reverses_id: int | None
    reversed_by: tuple[int, ...]


@get("/books")
async def list_my_books(request: WebRequest) -> list[Book]:
    """Whoever moved may have points with more than one committee."""
    return [Book(book_id, kept_by) for book_id, kept_by in await books_of(actor(request))]


@get("/balances")
async def get_my_balances(request: WebRequest, book: BookId = None) -> Standing:
    """What I have, what I owe, and which points go when."""
    book_id = await _book(request, book)
    held = await balances(book_id=book_id, person_id=actor(request))
    expiring = tuple(Expiring(until(day), points) for day, points in held.expiring)
    return shaped(Standing, held, book_id=book_id, expiring=expiring)


@get("/statement")
async def list_my_entries(
    request: WebRequest, unit: FromQuery[Unit] = "points", book: BookId = None, after: After = None,
    limit: Limit = LIMIT,
) -> Page[Entry]:  # fmt: skip
    """My statement, newest first."""
    lines = await statement(
        book_id=await _book(request, book), person_id=actor(request), unit=unit,
        before_sequence=after, limit=limit + 1,
    )  # fmt: skip
    return paged([_entry(request, one) for one in lines], limit, lambda one: one.sequence)


@get("/postings/{posting_id:int}")
async def get_posting(request: WebRequest, posting_id: FromPath[int]) -> Why:
    """Why these points?  Mine, my child's, or a neighbour's, who can read that staff looked."""
    detail = await posting_detail(posting_id)
    owners = owners_of(detail)
    own_or_duty(request, *owners)
    return _why(request, detail, await whose(request, detail))


ROUTES: list[ControllerRouterHandler] = [
    list_my_books, get_my_balances, list_my_entries, get_posting,
]  # fmt: skip


def until(vintage: date | None) -> date | None:
    """The last day of a vintage; none for points that do not expire."""
    return None if vintage is None or vintage >= NEVER else vintage


async def _book(request: WebRequest, asked: int | None) -> int:
    book_id = asked or await book_of_person(actor(request))
    if book_id is None:
        raise NoBookHere
    return book_id


def _entry(request: WebRequest, line: EntryLine) -> Entry:
    reasons = tuple(sentences(line.details, words(request)))
    return shaped(Entry, line, reasons=reasons, vintage=until(line.vintage))


def _why(request: WebRequest, detail: PostingDetail, person_id: int) -> Why:
    changes = {"points": 0, "minutes": 0}
    for line in detail.lines:
        for account, sign in ((line.source, -1), (line.target, 1)):
            if account.kind in PERSONAL and account.owner_id == person_id:
                changes[account.unit] += sign * line.amount
    reasons = tuple(sentences(detail.details, words(request)))
    return shaped(Why, detail, person_id=person_id, reasons=reasons, **changes)
