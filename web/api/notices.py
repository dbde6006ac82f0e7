"""What I was told."""

from datetime import datetime

from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from points.notices.reading import NoticeLine, mark_read, notices_of, unread_of
from web import clock
from web.api.answers import Page, Some, done, first, paged, shaped
from web.api.routing import LIMIT, After, Limit, get, post
from web.auth import WebRequest, actor
from web.forms import Id
from web.notice_words import sentence
from web.pages import words


class Notice(Struct, frozen=True):
    """Something I was told, in my language; ``path`` is the page where it leads."""

    id: int
    kind: str
    text: str
    path: str
    created_at: datetime
    read: bool


class ReadUpTo(Struct, frozen=True, forbid_unknown_fields=True):
    """The newest notice that I have seen."""

    up_to: Id


@get("/notices")
async def list_notices(
    request: WebRequest, after: After = None, limit: Limit = LIMIT
) -> Page[Notice]:
    """What I was told, newest first."""
    found = await notices_of(person_id=actor(request), before_id=after, limit=limit + 1)
    return paged([_told(request, one) for one in found], limit, lambda one: one.id)


@get("/notices/unread")
async def list_unread_notices(request: WebRequest, limit: Limit = LIMIT) -> Some[Notice]:
    """What I have not read yet, newest first."""
    found = await unread_of(person_id=actor(request), limit=limit + 1)
    return first([_told(request, one) for one in found], limit)


@post("/notices/read", status=204)
async def mark_notices_read(request: WebRequest, data: JSONBody[ReadUpTo]) -> None:
    """Mark everything up to a notice as read."""

    async def act() -> None:
        await mark_read(person_id=actor(request), up_to_id=data.up_to, now=clock.now())

    await done(request, act)


ROUTES: list[ControllerRouterHandler] = [list_notices, list_unread_notices, mark_notices_read]


def _told(request: WebRequest, line: NoticeLine) -> Notice:
    return shaped(Notice, line, text=sentence(words(request), line.kind, line.facts))
