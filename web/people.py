"""Staff's pages about people: find somebody, enrol somebody, correct what is wrong."""

from datetime import date
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community import areas, directory, grants, guardians, people
from points.community.roles import ENROLLERS
from points.community.rules import is_minor
from web import clock
from web.auth import Me, NotSignedIn, WebRequest, actor, require_roles, staff
from web.forms import BLANK, Filled, Form, Id, submit, wanted
from web.i18n import N_
from web.pages import Done, page

PEOPLE_PER_PAGE = 50
enroller = require_roles(*ENROLLERS)

Name = Annotated[str, Meta(max_length=80)]
Phone = Annotated[str, Meta(max_length=40)]
Card = Annotated[str, Meta(max_length=60)]
Door = Annotated[str, Meta(max_length=40)]


class PeopleQuery(Struct, frozen=True):
    """Which people."""

    area: Id | None = None
    q: Annotated[str, Meta(max_length=200)] = ""
    after: Annotated[int, Meta(ge=0)] = 0


class WhereQuery(Struct, frozen=True):
    """In which area somebody is to be enrolled."""

    area: Id | None = None


class EnrolForm(Form, frozen=True, kw_only=True):
    """A new person."""

    area_id: Id
    name: Name
    phone: Phone | None = None
    card_no: Card | None = None
    birth_date: date | None = None
    household_door: Door | None = None
    elder_mode: bool = False


class DetailsForm(Form, frozen=True, kw_only=True):
    """What staff corrects.  An empty phone stays as it is: staff does not see the old one."""

    name: Name
    phone: Phone | None = None
    card_no: Card | None = None
    birth_date: date | None = None


@get("/people", guards=[staff])
async def people_page(request: WebRequest) -> Response[Any]:
    """Find somebody in one's own area."""
    query = wanted(request, PeopleQuery)
    area_id = query.area or _me(request).staff_areas[0]
    found = await directory.people_in(
        actor_id=actor(request), area_id=area_id, query=query.q, after_id=query.after,
        limit=PEOPLE_PER_PAGE, now=clock.now(),
    )  # fmt: skip
    return await _list(request, query, area_id, found)


@get("/people/new", guards=[enroller])
async def enrol_page(request: WebRequest) -> Response[Any]:
    """Enrol somebody."""
    area_id = wanted(request, WhereQuery).area or _me(request).staff_areas[0]
    return await _enrol_again(request, area_id, BLANK)


@post("/people", guards=[enroller])
async def enrol(request: WebRequest) -> Response[Any]:
    """Enter the new person."""

    async def act(form: EnrolForm) -> Done:
        facts = {name: getattr(form, name) for name in ENROL_FACTS}
        person_id = await people.enrol(actor_id=actor(request), now=clock.now(), **facts)
        return Done(f"/people/{person_id}", N_("{name} is enrolled."), {"name": form.name})

    return await submit(request, EnrolForm, act, partial(_enrol_again, request, None))


@get("/people/{person_id:int}", guards=[staff])
async def person_page(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """One person, with roles and what can be done for her."""
    now = clock.now()
    person = await directory.open_person(actor_id=actor(request), person_id=person_id, now=now)
    today = await areas.day_in(person.area_id, now)
    held = await grants.grants_of(person_id, today)
    elders = await guardians.guardians_of(person_id, today)
    minor = is_minor(person.birth_date, today)
    return page(request, "people/person.html", person=person, held=held, elders=elders, minor=minor)


@get("/people/{person_id:int}/edit", guards=[enroller])
async def edit_page(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Correct what is wrong."""
    return await _edit_again(request, person_id, BLANK)


@post("/people/{person_id:int}/edit", guards=[enroller])
async def edit(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Keep the corrected details."""

    async def act(form: DetailsForm) -> Done:
        await people.update_person(
            actor_id=actor(request), person_id=person_id, now=clock.now(), name=form.name,
            phone=form.phone or people.UNCHANGED, card_no=form.card_no, birth_date=form.birth_date,
        )  # fmt: skip
        return Done(f"/people/{person_id}", N_("Corrected."))

    return await submit(request, DetailsForm, act, partial(_edit_again, request, person_id))


ENROL_FACTS = (
    "area_id",
    "name",
    "phone",
    "card_no",
    "birth_date",
    "household_door",
    "elder_mode",
)
ROUTES: list[ControllerRouterHandler] = [
    people_page, enrol_page, enrol, person_page, edit_page, edit,
]  # fmt: skip


def _me(request: WebRequest) -> Me:
    if request.user.me is None:
        raise NotSignedIn
    return request.user.me


async def _list(
    request: WebRequest, query: PeopleQuery, area_id: int, found: directory.PeoplePage
) -> Response[Any]:
    here = await areas.area(area_id)
    kept = {"area": area_id, "q": query.q}
    after = found.next_after_id
    return page(
        request,
        "people/list.html",
        here=here,
        below=await areas.children(area_id),
        top=area_id in _me(request).staff_areas,
        q=query.q,
        found=found,
        first=query.after == 0,
        newer=f"/people?{urlencode(kept)}" if query.after else "",
        older=f"/people?{urlencode({**kept, 'after': after})}" if after else "",
    )


async def _enrol_again(request: WebRequest, area_id: int | None, filled: Filled) -> Response[Any]:
    """The form with the places to choose from: the area and what lies in it."""
    start = filled.number("area_id") or area_id or _me(request).staff_areas[0]
    here = await areas.area(start)
    places = [here, *(await areas.children(here.id))]
    return page(
        request, "people/enrol.html", status=filled.status, form=filled, here=here, places=places
    )


async def _edit_again(request: WebRequest, person_id: int, filled: Filled) -> Response[Any]:
    person = await directory.open_person(
        actor_id=actor(request), person_id=person_id, now=clock.now()
    )
    return page(request, "people/edit.html", status=filled.status, form=filled, person=person)
