"""What goes out: the first answer to a change, a page of a list, a refusal among other things."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from points.errors import DomainError
from points.requests import once
from web import clock
from web.api.bodies import key_of
from web.auth import WebRequest
from web.forms import actor_key
from web.pages import words
from web.security import keyed_hash

T = TypeVar("T")
S = TypeVar("S", bound=Struct)


class Created(Struct, frozen=True):
    """The number of what was made."""

    id: int


class Page(Struct, Generic[T], frozen=True):
    """Some of a list; ``next`` is what to ask ``after`` for more, null at the end."""

    items: tuple[T, ...]
    next: int | None


class Some(Struct, Generic[T], frozen=True):
    """The first of a list that is worked off from its start; ``more`` follow."""

    items: tuple[T, ...]
    more: bool


class Refusal(Struct, frozen=True):
    """Why something cannot be done: a stable name, and a sentence in the caller's language."""

    title: str
    detail: str


async def answered(request: WebRequest, kind: type[T], act: Callable[[], Awaitable[T]]) -> T:
    """Act once under the caller's key; who repeats the request gets the first answer.

    The effect and its answer are stored together or not at all, like those of a form.
    """
    fresh: list[T] = []

    async def answer() -> str:
        fresh[:] = [await act()]
        return msgspec.json.encode(fresh[0]).decode()

    kept = await once(
        actor_key=actor_key(request),
        request_id=key_of(request),
        request_hash=await _hash(request),
        now=clock.now(),
        act=answer,
    )
    return fresh[0] if fresh else msgspec.json.decode(kept, type=kind)


async def done(request: WebRequest, act: Callable[[], Awaitable[None]]) -> None:
    """Like ``answered``, where there is nothing to say but that it is done."""

    async def said() -> bool:
        await act()
        return True

    await answered(request, bool, said)


async def claimed(request: WebRequest) -> None:
    """Bind the key to this body, for what is many transactions that each repeat themselves."""

    async def nothing() -> None:
        return None

    await done(request, nothing)


async def _hash(request: WebRequest) -> str:
    """What was sent where, whatever the order of its keys."""
    body: Any = await request.body()
    if request.route_handler.parsed_data_field is not None:
        body = msgspec.json.encode(await request.json(), order="sorted")
    text = f"{request.method} {request.scope['path']} {body.decode(errors='replace')}"
    return keyed_hash(request.app.state.secret, text)


def paged(found: Sequence[T], limit: int, key: Callable[[T], int]) -> Page[T]:
    """A page out of one line more than was asked for."""
    shown = tuple(found[:limit])
    return Page(items=shown, next=key(shown[-1]) if len(found) > limit else None)


def first(found: Sequence[T], limit: int) -> Some[T]:
    """The first lines, out of one more than was asked for."""
    return Some(items=tuple(found[:limit]), more=len(found) > limit)


def told(request: WebRequest, error: DomainError | None) -> Refusal | None:
    """A refusal that is part of an answer."""
    return None if error is None else Refusal(error.code, words(request).refusal(error))


def shaped(kind: type[S], view: object, **others: object) -> S:
    """A Struct out of a view of the domain, with what it says in another way."""
    names = [name for name in kind.__struct_fields__ if name not in others]
    return kind(**{name: getattr(view, name) for name in names}, **others)
