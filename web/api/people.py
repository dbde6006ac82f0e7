"""People in the area of one's duty: find, enrol, correct, move, and who answers for a child."""

from datetime import date
from typing import Annotated, Literal

from litestar.params import FromPath, JSONBody
from litestar.params import QueryParameter as Asked
from litestar.types import ControllerRouterHandler
from msgspec import UNSET, Struct, UnsetType

from points.community import areas, directory, grants, guardians, people
from points.community.rules import is_minor
from web import clock
from web.api.answers import Created, Page, answered, done, shaped
from web.api.persons import Person
from web.api.routing import LIMIT, AreaId, Limit, get, post
from web.auth import Me, WebRequest, actor, staff, steward
from web.forms import ID_MAX, Id
from web.people import Card, Door, Name, Phone, enroller

AfterPerson = Annotated[int, Asked(ge=0, le=ID_MAX, description="Go on after this person.")]
Search = Annotated[str, Asked(max_length=200, description="Part of a name, or a number.")]


class Enrolment(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new person.  The door is kept as a keyed digest only."""

    area_id: Id
    name: Name
    phone: Phone | None = None
    card_no: Card | None = None
    birth_date: date | None = None
    household_door: Door | None = None
    elder_mode: bool = False


class Correction(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was wrong; what is absent stays as it is."""

    name: Name | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    card_no: Card | UnsetType | None = UNSET
    birth_date: date | UnsetType | None = UNSET


class NewHome(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where somebody lives now."""

    area_id: Id
    household_door: Door | None = None


class Guardian(Struct, frozen=True, forbid_unknown_fields=True):
    """Who answers for a child."""

    guardian_id: Id


class Understood(Struct, frozen=True, forbid_unknown_fields=True):
    """Closing is for ever, so it says that it knows."""

    understood: Literal["yes"]


class Profile(Struct, frozen=True):
    """A person with her roles and, of a child, who answers for her."""

    person: Person
    is_minor: bool
    roles: tuple[grants.GrantLine, ...]
    guardians: tuple[guardians.Relative, ...]


@get("/people", may=staff, scopes=("read", "staff"))
async def list_people(
    request: WebRequest,
    area: AreaId = None,
    q: Search = "",
    after: AfterPerson = 0,
    limit: Limit = LIMIT,
) -> Page[directory.PersonLine]:
    """Who lives in an area; whoever is listed can read that she was."""
    found = await directory.people_in(
        actor_id=actor(request), area_id=area or _me(request).staff_areas[0], query=q,
        after_id=after, limit=limit, now=clock.now(),
    )  # fmt: skip
    return Page(found.lines, found.next_after_id)


@post("/people", may=enroller, scopes=("write", "staff"), status=201)
async def enrol_person(request: WebRequest, data: JSONBody[Enrolment]) -> Created:
    """Enrol somebody."""

    async def act() -> Created:
        person_id = await people.enrol(
            actor_id=actor(request), now=clock.now(), area_id=data.area_id, name=data.name,
            phone=data.phone, card_no=data.card_no, birth_date=data.birth_date,
            household_door=data.household_door, elder_mode=data.elder_mode,
        )  # fmt: skip
        return Created(person_id)

    return await answered(request, Created, act)


@get("/people/{person_id:int}", may=staff, scopes=("read", "staff"))
async def get_person(request: WebRequest, person_id: FromPath[int]) -> Profile:
    """One person of my area; she can read that I looked."""
    now = clock.now()
    held = await directory.open_person(actor_id=actor(request), person_id=person_id, now=now)
    today = await areas.day_in(held.area_id, now)
    return Profile(
        shaped(Person, held), is_minor(held.birth_date, today),
        await grants.grants_of(person_id, today), await guardians.guardians_of(person_id, today),
    )  # fmt: skip


@post("/people/{person_id:int}/edit", may=enroller, scopes=("write", "staff"), status=204)
async def correct_person(
    request: WebRequest, person_id: FromPath[int], data: JSONBody[Correction]
) -> None:
    """Correct what is wrong."""

    async def act() -> None:
        await people.update_person(
            actor_id=actor(request), person_id=person_id, now=clock.now(),
            name=people.UNCHANGED if data.name is UNSET else data.name,
            phone=people.UNCHANGED if data.phone is UNSET else data.phone,
            card_no=people.UNCHANGED if data.card_no is UNSET else data.card_no,
            birth_date=people.UNCHANGED if data.birth_date is UNSET else data.birth_date,
        )  # fmt: skip

    await done(request, act)


@post("/people/{person_id:int}/move", may=enroller, scopes=("write", "staff"), status=204)
async def move_person(
    request: WebRequest, person_id: FromPath[int], data: JSONBody[NewHome]
) -> None:
    """Write a move down; points and hours stay hers."""

    async def act() -> None:
        await people.update_person(
            actor_id=actor(request), person_id=person_id, area_id=data.area_id,
            household_door=data.household_door, now=clock.now(),
        )  # fmt: skip

    await done(request, act)


@post("/people/{person_id:int}/close", may=steward, scopes=("write", "staff"), status=204)
async def close_person(
    request: WebRequest, person_id: FromPath[int], data: JSONBody[Understood]
) -> None:
    """Close the account of somebody who left; this cannot be undone."""

    async def act() -> None:
        await people.close_account(actor_id=actor(request), person_id=person_id, now=clock.now())

    await done(request, act)


@post("/people/{person_id:int}/guardians", may=enroller, scopes=("write", "staff"), status=204)
async def add_guardian(
    request: WebRequest, person_id: FromPath[int], data: JSONBody[Guardian]
) -> None:
    """Record who answers for a child."""

    async def act() -> None:
        await guardians.add_guardian(
            actor_id=actor(request), child_id=person_id, guardian_id=data.guardian_id,
            now=clock.now(),
        )  # fmt: skip

    await done(request, act)


@post(
    "/people/{person_id:int}/guardians/{guardian_id:int}/end", may=enroller,
    scopes=("write", "staff"), status=204,
)  # fmt: skip
async def end_guardian(
    request: WebRequest, person_id: FromPath[int], guardian_id: FromPath[int]
) -> None:
    """Record that somebody no longer answers for a child."""

    async def act() -> None:
        await guardians.end_guardian(
            actor_id=actor(request), child_id=person_id, guardian_id=guardian_id, now=clock.now()
        )

    await done(request, act)


ROUTES: list[ControllerRouterHandler] = [
    list_people, enrol_person, get_person, correct_person, move_person, close_person, add_guardian,
    end_guardian,
]  # fmt: skip


def _me(request: WebRequest) -> Me:
    assert request.user.me is not None
    return request.user.me
