"""Oneself: details, roles, agreements, who looked, tokens."""

from datetime import datetime
from typing import Annotated, Literal

from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import UNSET, Meta, Struct, UnsetType

from points.community import consents, grants, guardians, people, profiles, reads
from points.community.access import tokens
from points.community.roles import Grant
from points.errors import Missing
from points.notices.reading import unread_count
from web import clock
from web.api.answers import Page, done, paged, shaped
from web.api.persons import Person
from web.api.routing import LIMIT, After, Limit, get, post
from web.auth import WebRequest, actor
from web.forms import Id


class Myself(Struct, frozen=True):
    """What the neighbourhood keeps about me; my phone number is shown to me alone."""

    person: Person
    phone: str | None
    joined_at: datetime
    roles: tuple[Grant, ...]
    children: tuple[guardians.Relative, ...]
    unread_notices: int


class Taste(Struct, frozen=True, forbid_unknown_fields=True):
    """How I like to read; what is absent stays as it is."""

    language: Literal["zh", "en"] | UnsetType = UNSET
    elder_mode: bool | UnsetType = UNSET


class Agreement(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose agreement, and to what."""

    person_id: Id
    purpose: Annotated[str, Meta(max_length=32)]


@get("/me")
async def get_me(request: WebRequest) -> Myself:
    """Who I am here."""
    held = await profiles.my_details(person_id=actor(request))
    today = clock.today(request.user.time_zone)
    return shaped(
        Myself, held, person=shaped(Person, held.person),
        roles=await grants.active_grants(held.person.id, today),
        children=await guardians.children_of(held.person.id, today),
        unread_notices=await unread_count(held.person.id),
    )  # fmt: skip


@post("/me/preferences", status=204)
async def change_my_preferences(request: WebRequest, data: JSONBody[Taste]) -> None:
    """Change the language that I am told things in, and the way pages look."""

    async def act() -> None:
        await people.update_person(
            actor_id=actor(request), person_id=actor(request), now=clock.now(),
            language=people.UNCHANGED if data.language is UNSET else data.language,
            elder_mode=people.UNCHANGED if data.elder_mode is UNSET else data.elder_mode,
        )  # fmt: skip

    await done(request, act)


@get("/people/{person_id:int}/consents")
async def list_consents(
    request: WebRequest, person_id: FromPath[int]
) -> tuple[consents.ConsentLine, ...]:
    """What I, or a child I answer for, agreed to."""
    await _mine_or_childs(request, person_id)
    return await consents.consents_of(person_id)


@post("/me/consents/give", status=204)
async def give_consent(request: WebRequest, data: JSONBody[Agreement]) -> None:
    """Agree, for myself or for a child."""

    async def act() -> None:
        await consents.give_consent(
            actor_id=actor(request), person_id=data.person_id, purpose=data.purpose,
            now=clock.now(),
        )  # fmt: skip

    await done(request, act)


@post("/me/consents/withdraw", status=204)
async def withdraw_consent(request: WebRequest, data: JSONBody[Agreement]) -> None:
    """Take an agreement back; it counts at once."""

    async def act() -> None:
        await consents.withdraw_consent(
            actor_id=actor(request), person_id=data.person_id, purpose=data.purpose,
            now=clock.now(),
        )  # fmt: skip

    await done(request, act)


@get("/me/reads")
async def list_reads(
    request: WebRequest, after: After = None, limit: Limit = LIMIT
) -> Page[reads.ReadLine]:
    """Who looked at my data, newest first."""
    found = await reads.reads_of(person_id=actor(request), before_id=after, limit=limit + 1)
    return paged(found, limit, lambda one: one.id)


@get("/me/proxies")
async def list_proxies(
    request: WebRequest, after: After = None, limit: Limit = LIMIT
) -> Page[reads.ProxyLine]:
    """What others did in my name, newest first."""
    found = await reads.proxies_of(person_id=actor(request), before_id=after, limit=limit + 1)
    return paged(found, limit, lambda one: one.id)


@get("/me/tokens")
async def list_tokens(request: WebRequest) -> tuple[tokens.TokenLine, ...]:
    """My tokens that still work.  New ones are made on the page, by a person."""
    return await tokens.tokens_of(person_id=actor(request), now=clock.now())


@post("/me/tokens/{token_id:int}/revoke", status=204)
async def revoke_token(request: WebRequest, token_id: FromPath[int]) -> None:
    """Make one of my tokens worthless, from this moment on."""

    async def act() -> None:
        await tokens.revoke_token(person_id=actor(request), token_id=token_id, now=clock.now())

    await done(request, act)


ROUTES: list[ControllerRouterHandler] = [
    get_me, change_my_preferences, list_consents, give_consent, withdraw_consent, list_reads,
    list_proxies, list_tokens, revoke_token,
]  # fmt: skip


async def _mine_or_childs(request: WebRequest, person_id: int) -> None:
    today = clock.today(request.user.time_zone)
    mine = actor(request)
    if person_id != mine and not await guardians.is_guardian(
        person_id=mine, child_id=person_id, today=today
    ):
        raise Missing
