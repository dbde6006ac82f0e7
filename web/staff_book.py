"""Whose book somebody works on: that of her duty, or else the one she lives under."""

from points.ledger.books import book_of_area
from points.service.errors import NoBookHere
from points.service.occasions import book_of_person
from web.auth import WebRequest, actor


async def staff_book(request: WebRequest) -> int:
    """The book of the first duty that lies in one."""
    assert request.user.me is not None
    for area_id in request.user.me.staff_areas:
        book_id = await book_of_area(area_id)
        if book_id is not None:
            return book_id
    own = await book_of_person(actor(request))
    if own is None:
        raise NoBookHere
    return own
