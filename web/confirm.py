"""Confirming: all that waits for me in one list, one record in full, and taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.errors import Missing
from points.service.authority import DECIDING_ROLES
from points.service.categories import category_of
from points.service.confirm import ERRORS, ConfirmReport, NotDone, confirm, refuse, void_record
from points.service.record_views import RecordView, record_detail, waiting
from web import clock
from web.auth import WebRequest, actor, require_roles, signed_in
from web.forms import BLANK, Filled, Form, Id, submit, wanted
from web.i18n import N_, Translator
from web.pages import ONCE, Done, page, shown_once, words

RECORDS_PER_PAGE = 50
RECORDS_PER_PAGE_ELDER = 12
# The results travel in a cookie, which has room for about this many characters.
RESULT_CHARS_MAX = 900
decider = require_roles(*DECIDING_ROLES)


class WaitingQuery(Struct, frozen=True):
    """From where on."""

    after: Annotated[int, Meta(ge=0)] = 0


class ConfirmForm(Form, frozen=True, kw_only=True):
    """The ticked records."""

    record: tuple[Id, ...]


class ReasonForm(Form, frozen=True, kw_only=True):
    """Why something is not confirmed, or taken back."""

    reason: Annotated[str, Meta(max_length=300)]


@dataclass(frozen=True, slots=True)
class Group:
    """What waits on one activity."""

    occasion_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    rows: list[RecordView]


@get("/confirm", guards=[decider])
async def confirm_page(request: WebRequest) -> Response[Any]:
    """All that waits for me, by activity."""
    return await _list_again(request, BLANK)


@post("/confirm", guards=[decider])
async def confirm_many(request: WebRequest) -> Response[Any]:
    """Confirm what is ticked, each for itself; the next page says what became of each."""

    async def act(form: ConfirmForm) -> Done:
        report = await confirm(actor_id=actor(request), record_ids=form.record, now=clock.now())
        return await _told(request, report)

    # Every record is its own transaction, and answers a repetition with its first confirmation.
    return await submit(request, ConfirmForm, act, partial(_list_again, request), replayed=False)


@get("/confirm/{record_id:int}", guards=[signed_in])
async def record_page(request: WebRequest, record_id: FromPath[int]) -> Response[Any]:
    """One record: everything a decision needs."""
    return await _detail_again(request, record_id, BLANK)


@post("/confirm/{record_id:int}/refuse", guards=[decider])
async def refuse_record(request: WebRequest, record_id: FromPath[int]) -> Response[Any]:
    """Say that it is not right, and why."""

    async def act(form: ReasonForm) -> Done:
        await refuse(
            actor_id=actor(request), record_id=record_id, reason=form.reason, now=clock.now()
        )
        return Done("/confirm", N_("Not confirmed. The reason can be read by whom it concerns."))

    return await submit(request, ReasonForm, act, partial(_detail_again, request, record_id))


@post("/confirm/{record_id:int}/void", guards=[require_roles("steward")])
async def void(request: WebRequest, record_id: FromPath[int]) -> Response[Any]:
    """Take a confirmation back, with its hours and points."""

    async def act(form: ReasonForm) -> Done:
        await void_record(
            actor_id=actor(request), record_id=record_id, reason=form.reason, now=clock.now()
        )
        return Done(f"/confirm/{record_id}", N_("Taken back, with its hours and points."))

    return await submit(request, ReasonForm, act, partial(_detail_again, request, record_id))


ROUTES: list[ControllerRouterHandler] = [
    confirm_page, confirm_many, record_page, refuse_record, void,
]  # fmt: skip


# --- the list


async def _list_again(request: WebRequest, filled: Filled) -> Response[Any]:
    query = wanted(request, WaitingQuery)
    limit = RECORDS_PER_PAGE_ELDER if request.user.elder_mode else RECORDS_PER_PAGE
    rows = await waiting(
        actor_id=actor(request), now=clock.now(), after_id=query.after, limit=limit + 1
    )
    results = shown_once(request) or {}
    response = page(
        request, "confirm/list.html", status=filled.status, form=filled,
        groups=_groups(rows[:limit]), chosen=filled.chosen("record"),
        results=results.get("lines", ()), obstacle=_obstacle_words(words(request)),
        newer_href="/confirm" if query.after else "",
        older_href=f"/confirm?after={rows[limit - 1].id}" if len(rows) > limit else "",
    )  # fmt: skip
    if results:
        response.delete_cookie(ONCE, path="/confirm")
    return response


def _groups(rows: Sequence[RecordView]) -> list[Group]:
    found: dict[int, Group] = {}
    for row in rows:
        group = Group(row.occasion_id, row.title, row.starts_at, row.ends_at, [])
        found.setdefault(row.occasion_id, group).rows.append(row)
    return list(found.values())


def _obstacle_words(say: Translator) -> Mapping[str, str]:
    return {obstacle: say.gettext(error.message) for obstacle, error in ERRORS.items()}


async def _told(request: WebRequest, report: ConfirmReport) -> Done:
    """What became of each record, as far as a cookie carries it, and of all together."""
    say = words(request)
    lines: list[tuple[str, str]] = [
        ("done", say.gettext(
            "{name}: {hours}, {points}", name=one.person_name, hours=say.hours(one.minutes),
            points=say.points(one.points),
        ))
        for one in report.confirmed
    ]  # fmt: skip
    stopped = [("stop", await _stopped(request, one)) for one in report.refused]
    shown = _fitting([*stopped, *lines])
    said = N_("{confirmed} confirmed, {refused} not.") if stopped else N_("{confirmed} confirmed.")
    facts = {"confirmed": len(lines), "refused": len(stopped)}
    level = "waiting" if stopped else "done"
    return Done("/confirm", said, facts, level=level, secret={"lines": shown})


def _fitting(lines: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    kept, room = [], RESULT_CHARS_MAX
    for level, text in lines:
        room -= len(text) + 15
        if room < 0:
            break
        kept.append((level, text))
    return kept


async def _stopped(request: WebRequest, one: NotDone) -> str:
    """Whose record was not confirmed, and why."""
    say = words(request)
    why = say.refusal(one.error)
    try:
        record = await record_detail(
            actor_id=actor(request), record_id=one.record_id, now=clock.now()
        )
    except Missing:
        return why
    return say.gettext("{name}: {why}", name=record.name, why=why)


# --- one record


async def _detail_again(request: WebRequest, record_id: int, filled: Filled) -> Response[Any]:
    record = await record_detail(actor_id=actor(request), record_id=record_id, now=clock.now())
    known, say = category_of(record.category), words(request)
    decides = bool(request.user.me and request.user.me.roles & set(DECIDING_ROLES))
    return page(
        request, "confirm/detail.html", status=filled.status, form=filled, record=record,
        category=say.gettext(known.label) if known else record.category,
        obstacle=_obstacle_words(say), decides=decides,
    )  # fmt: skip
