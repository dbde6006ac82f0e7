"""Everything that is kept about a person, as one JSON document that she can take away."""

import dataclasses
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from points.community import areas, consents, grants, guardians, profiles, reads
from points.community.access import sign_in, tokens
from points.ledger.statement import Unit, balances, books_of, statement
from points.notices.email import email_of
from points.notices.reading import notices_of
from points.service.record_views import my_records
from talentmap.talents.profiles import own_profile
from talentmap.talents.relay import messages_of

PAGE = 200
UNITS: tuple[Unit, ...] = ("points", "minutes", "arrears")
T = TypeVar("T")


async def everything_about(*, person_id: int, now: dt.datetime) -> str:
    """The document, readable by a person and by a program."""
    mine = await profiles.my_details(person_id)
    today = await areas.day_in(mine.person.area_id, now)
    document = {
        "made_at": now,
        "person": mine,
        "roles": await grants.grants_of(person_id, today),
        "guardians": await guardians.guardians_of(person_id, today),
        "children": await guardians.children_of(person_id, today),
        "consents": await consents.consents_of(person_id),
        "devices": await sign_in.sessions_of(person_id, now),
        "tokens": await tokens.tokens_of(person_id, now),
        "who_looked": await _all(lambda last: reads.reads_of(person_id, last, PAGE), "id"),
        "done_for_me": await _all(lambda last: reads.proxies_of(person_id, last, PAGE), "id"),
        "service": await _all(
            lambda last: my_records(person_id=person_id, now=now, before_id=last, limit=PAGE), "id"
        ),
        "talent": await own_profile(person_id),
        "talent_messages": await messages_of(person_id),
        "email": await email_of(person_id),
        "notices": await _all(
            lambda last: notices_of(person_id=person_id, before_id=last, limit=PAGE), "id"
        ),
        "books": [await _book(one, person_id) for one in await books_of(person_id)],
    }
    return json.dumps(_plain(document), ensure_ascii=False, indent=2)


async def _book(book: tuple[int, str], person_id: int) -> dict[str, Any]:
    """What stands in one book; whoever moved has points in more than one."""
    book_id, kept_by = book
    found: dict[str, Any] = {
        "kept_by": kept_by,
        "balances": await balances(book_id=book_id, person_id=person_id),
    }
    for unit in UNITS:
        found[unit] = await _entries(book_id, person_id, unit)
    return found


async def _entries(book_id: int, person_id: int, unit: Unit) -> list[Any]:
    return await _all(
        lambda last: statement(
            book_id=book_id, person_id=person_id, unit=unit, before_sequence=last, limit=PAGE
        ),
        "sequence",
    )


async def _all(ask: Callable[[int | None], Awaitable[Sequence[T]]], key: str) -> list[T]:
    """Every page of a list that goes back in time."""
    found: list[T] = []
    last: int | None = None
    while lines := await ask(last):
        found += lines
        last = int(getattr(lines[-1], key))
    return found


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [one.name for one in dataclasses.fields(value)]
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
