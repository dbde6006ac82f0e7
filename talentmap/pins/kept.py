"""Answers that stay right for as long as a version lasts, kept in the process.

A new version makes new keys; old ones fall out of the end.  Each database has its own shelf.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from piccolo.engine.base import Engine

from points.transactions import engine

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
ANSWERS_MOST: Final = 4096
# Whole layers of a city are large; whoever pans keeps asking for the same one.
LAYERS_MOST: Final = 8
_shelves: WeakKeyDictionary[Engine[Any], "Shelf"] = WeakKeyDictionary()
_layers: WeakKeyDictionary[Engine[Any], "Shelf"] = WeakKeyDictionary()
Shelf = OrderedDict[Hashable, Any]


async def kept(key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
    """The answer under ``key``, asked for once."""
    return (await kept_each([key], _alone(key, ask)))[key]


async def kept_layer(key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
    """The same for what is large: only a few of them are kept."""
    shelf = _layers.setdefault(engine(), OrderedDict())
    return (await _each(shelf, LAYERS_MOST, [key], _alone(key, ask)))[key]


async def kept_each(
    keys: Iterable[K], ask: Callable[[list[K]], Awaitable[Mapping[K, T]]]
) -> dict[K, T]:
    """The answers under several keys; only those that are not at hand are asked for."""
    shelf = _shelves.setdefault(engine(), OrderedDict())
    return await _each(shelf, ANSWERS_MOST, keys, ask)


def _alone(
    key: Hashable, ask: Callable[[], Awaitable[T]]
) -> Callable[[list[Hashable]], Awaitable[Mapping[Hashable, T]]]:
    async def answers(_: list[Hashable]) -> Mapping[Hashable, T]:
        return {key: await ask()}

    return answers


async def _each(
    shelf: Shelf, most: int, keys: Iterable[K], ask: Callable[[list[K]], Awaitable[Mapping[K, T]]]
) -> dict[K, T]:
    wanted = list(keys)
    found: dict[K, T] = {key: shelf[key] for key in wanted if key in shelf}
    missing = [key for key in wanted if key not in found]
    found |= await ask(missing) if missing else {}
    for key in wanted:
        shelf[key] = found[key]
        shelf.move_to_end(key)
    while len(shelf) > most:
        shelf.popitem(last=False)
    return found
