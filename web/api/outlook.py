"""What a book owes, as of the last reckoning, and how it will go on at the present pace."""

from datetime import date, datetime

from litestar.types import ControllerRouterHandler
from msgspec import Struct

from points.outlook.pledges import SponsorPledge, open_promises
from points.outlook.rules import Flows, MonthAhead
from points.outlook.view import BookOutlook, MonthPast, outlook_of
from points.service.errors import NoBookHere
from points.service.occasions import book_of_person
from web import clock
from web.api.books import Expiring, until
from web.api.routing import get
from web.auth import WebRequest, actor
from web.staff_book import staff_book


class BookOwes(Struct, frozen=True):
    """Points alive and by their last day, what covers them, and each month's flows.

    ``pace`` is that of thirty days; ``reckoned_at`` is null before the first reckoning.
    """

    book_id: int
    alive: int
    expiring: tuple[Expiring, ...]
    stock: int
    pledged: int
    covered_percent: int
    pace: Flows
    past: tuple[MonthPast, ...]
    ahead: tuple[MonthAhead, ...]
    promises: tuple[SponsorPledge, ...]
    reckoned_at: datetime | None
    today: date


@get("/outlook")
async def get_outlook(request: WebRequest) -> BookOwes:
    """What the book owes where I live; with the duties of a role, that of the duty."""
    book_id = await _book(request)
    view = await outlook_of(book_id=book_id, now=clock.now())
    return _owes(book_id, view, await open_promises(book_id))


ROUTES: list[ControllerRouterHandler] = [get_outlook]


async def _book(request: WebRequest) -> int:
    if "staff" in request.user.scopes:
        return await staff_book(request)
    own = await book_of_person(actor(request))
    if own is None:
        raise NoBookHere
    return own


def _owes(book_id: int, view: BookOutlook, promises: tuple[SponsorPledge, ...]) -> BookOwes:
    held = view.outlook
    return BookOwes(
        book_id=book_id, alive=held.alive, stock=held.stock, pledged=held.pledged,
        expiring=tuple(Expiring(until(day), points) for day, points in view.alive),
        covered_percent=held.covered_percent, pace=held.pace, past=view.past, ahead=held.ahead,
        promises=promises, reckoned_at=view.reckoned_at, today=view.today,
    )  # fmt: skip
