"""The roll-call of an activity: tick who came, correct the minutes, send once; and its sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community import areas
from points.community.people import PeoplePage, people_in
from points.errors import Invalid
from points.service.callers import require_caller
from points.service.errors import MinutesInvalid, RollCallRefused
from points.service.occasions import OccasionView, occasion
from points.service.record_views import recorded_on
from points.service.records import RollCallRow, roll_call
from points.service.rules import MINUTES_PER_DAY
from web import clock
from web.area_choice import area_choice
from web.auth import WebRequest, actor, signed_in, staff
from web.forms import BLANK, FieldErrors, Filled, Form, Id, Problem, submit, wanted
from web.i18n import N_
from web.pages import Done, page

PEOPLE_PER_PAGE = 50
PEOPLE_PER_PAGE_ELDER = 15
EMPTY_LINES = 20
EMPTY_LINES_BESIDE_NAMES = 8


class RowsUneven(Invalid):
    """A line came without its minutes."""

    message = "Give the minutes on every line. Nothing was kept yet."


class NobodyTicked(Invalid):
    """No line was ticked."""

    message = "Tick at least one neighbour who came."


class RollCallQuery(Struct, frozen=True):
    """Whose names are wanted."""

    area: Id | None = None
    q: Annotated[str, Meta(max_length=200)] = ""
    after: Annotated[int, Meta(ge=0)] = 0


class RollCallForm(Form, frozen=True, kw_only=True):
    """Lines of people with minutes; ``came`` are those that count."""

    person: tuple[Id, ...] = ()
    minutes: tuple[Annotated[str, Meta(max_length=20)], ...] = ()
    came: tuple[Id, ...] = ()
    reason: Annotated[str, Meta(max_length=200)]


@dataclass(frozen=True, slots=True)
class RollLine:
    """A neighbour on the roll."""

    id: int
    name: str
    lives_in: str
    minutes: object
    recorded: bool
    came: bool


@get("/occasions/{occasion_id:int}/roll-call", guards=[staff])
async def roll_call_page(request: WebRequest, occasion_id: FromPath[int]) -> Response[Any]:
    """The roll of an area, or of those whose name matches."""
    await require_caller(actor_id=actor(request), occasion_id=occasion_id, now=clock.now())
    return await _again(request, occasion_id, BLANK)


@post("/occasions/{occasion_id:int}/roll-call", guards=[staff])
async def take_roll(request: WebRequest, occasion_id: FromPath[int]) -> Response[Any]:
    """Write down all who came, or nobody while a line is wrong."""

    async def act(form: RollCallForm) -> Done:
        written = await _written(request, occasion_id, form)
        said = N_("{n} written down. Somebody else confirms them.")
        return Done(f"/occasions/{occasion_id}", said, {"n": written})

    return await submit(request, RollCallForm, act, partial(_again, request, occasion_id))


@get("/occasions/{occasion_id:int}/roll-call/sheet", guards=[signed_in])
async def sheet_page(request: WebRequest, occasion_id: FromPath[int]) -> Response[Any]:
    """The sheet to print: names for staff who ask for an area, empty lines for everyone else."""
    held = await occasion(occasion_id)
    query = wanted(request, RollCallQuery)
    found = await _people(request, query, query.area) if query.area else None
    return page(
        request, "occasions/sheet.html", occasion=held, people=found.lines if found else (),
        empty_lines=EMPTY_LINES_BESIDE_NAMES if found else EMPTY_LINES,
    )  # fmt: skip


ROUTES: list[ControllerRouterHandler] = [roll_call_page, take_roll, sheet_page]


async def _written(request: WebRequest, occasion_id: int, form: RollCallForm) -> int:
    rows = _rows(form)
    try:
        kept = await roll_call(
            actor_id=actor(request), occasion_id=occasion_id, rows=rows, reason=form.reason,
            now=clock.now(),
        )  # fmt: skip
    except RollCallRefused as refusal:
        wrong = {
            f"minutes-{row.person_id}": (row.error.message, dict(row.error.facts))
            for row in refusal.facts["rows"]  # type: ignore[attr-defined]
        }
        raise FieldErrors(wrong) from None
    return len(kept)


def _rows(form: RollCallForm) -> list[RollCallRow]:
    if len(form.person) != len(form.minutes):
        raise RowsUneven
    came = set(form.came)
    if not came & set(form.person):
        raise NobodyTicked
    rows, wrong = [], dict[str, Problem]()
    for person_id, text in zip(form.person, form.minutes, strict=True):
        if person_id not in came:
            continue
        if text.isdecimal() and 1 <= int(text) <= MINUTES_PER_DAY:
            rows.append(RollCallRow(person_id=person_id, minutes=int(text)))
        else:
            wrong[f"minutes-{person_id}"] = (MinutesInvalid.message, {"most": MINUTES_PER_DAY})
    if wrong:
        raise FieldErrors(wrong)
    return rows


# --- the page


async def _again(request: WebRequest, occasion_id: int, filled: Filled) -> Response[Any]:
    held, query = await occasion(occasion_id), wanted(request, RollCallQuery)
    area = await areas.area(await _area_id(request, held, query))
    found = await _people(request, query, area.id)
    return page(
        request, "occasions/roll_call.html", status=filled.status, occasion=held, form=filled,
        area_id=area.id, query=query.q, lines=await _lines(held, found, filled),
        areas=await area_choice(area, _staff_areas(request)), here=_href(held, area.id, query),
        newer_href=_href(held, area.id, query, 0) if query.after else "",
        older_href=_href(held, area.id, query, found.next_after_id) if found.next_after_id else "",
    )  # fmt: skip


def _staff_areas(request: WebRequest) -> tuple[int, ...]:
    return request.user.me.staff_areas if request.user.me else ()


async def _area_id(request: WebRequest, held: OccasionView, query: RollCallQuery) -> int:
    """The area asked for, else the activity's where it is the person's to see, else her own."""
    if query.area:
        return query.area
    tops = _staff_areas(request)
    for top in tops:
        if await areas.is_within(held.area_id, top):
            return held.area_id
    return tops[0]


async def _people(request: WebRequest, query: RollCallQuery, area_id: int) -> PeoplePage:
    limit = PEOPLE_PER_PAGE_ELDER if request.user.elder_mode else PEOPLE_PER_PAGE
    return await people_in(
        actor_id=actor(request), area_id=area_id, query=query.q, after_id=query.after,
        limit=limit, now=clock.now(),
    )  # fmt: skip


async def _lines(held: OccasionView, found: PeoplePage, filled: Filled) -> Sequence[RollLine]:
    ids = [person.id for person in found.lines]
    recorded = await recorded_on(occasion_id=held.id, person_ids=ids)
    whole = int((held.ends_at - held.starts_at).total_seconds()) // 60
    kept, came = _kept(filled), set(filled.chosen("came"))
    return [
        RollLine(
            id=person.id,
            name=person.name,
            lives_in=" · ".join(person.area_path[-2:]),
            minutes=kept.get(str(person.id), whole),
            recorded=person.id in recorded,
            came=str(person.id) in came,
        )
        for person in found.lines
    ]


def _kept(filled: Filled) -> Mapping[str, str]:
    """The minutes as they were typed, by person."""
    return dict(zip(filled.chosen("person"), filled.chosen("minutes"), strict=False))


def _href(held: OccasionView, area_id: int, query: RollCallQuery, after: int | None = None) -> str:
    asked: dict[str, object] = {"area": area_id}
    if query.q:
        asked["q"] = query.q
    if after or (after is None and query.after):
        asked["after"] = after or query.after
    return f"/occasions/{held.id}/roll-call?{urlencode(asked)}"
