"""After the activity: who served, who came for joy, who was absent; and the sheet on paper."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import Annotated, Any, get_args

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from points.community.areas import day_in
from points.community.grants import covers
from points.community.profiles import find_by_phone_or_card
from points.errors import Forbidden
from points.service.authority import PLANNING_ROLES
from points.service.errors import MinutesInvalid, RollCallRefused
from points.service.rules import MINUTES_PER_DAY
from talentmap.activities.participants import SignupLine, signups
from talentmap.activities.roll_call import AttendanceRow, roll_call_activity
from talentmap.activities.rules import Attendance
from talentmap.activities.views import ActivityView, activity
from web import clock
from web.activities import LAPSED
from web.activity_words import ATTENDANCES
from web.auth import WebRequest, actor, signed_in
from web.forms import BLANK, FieldErrors, Filled, Form, Id, Problem, submit
from web.i18n import N_
from web.occasions import LeaderUnknown
from web.pages import Done, page, words
from web.roll_call import RowsUneven

EMPTY_LINES = 8


class RollForOthers(Forbidden):
    """Names are for those who run it."""

    message = "The roll is called by whoever proposed or leads the activity, or by staff."


class RollForm(Form, frozen=True, kw_only=True):
    """A line for each sign-up, and one for somebody who came without."""

    person: tuple[Id, ...] = ()
    attendance: tuple[Attendance, ...] = ()
    minutes: tuple[Annotated[str, Meta(max_length=20)], ...] = ()
    other_no: Annotated[str, Meta(max_length=60)] = ""
    other_minutes: Annotated[str, Meta(max_length=20)] = ""
    reason: Annotated[str, Meta(max_length=200)] = ""


@dataclass(frozen=True, slots=True)
class RollLine:
    """Somebody on the roll, as the form shows her."""

    signup: SignupLine
    attendance: str
    minutes: object


@get("/activities/{activity_id:int}/roll-call", guards=[signed_in])
async def roll_page(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """Who signed up, to be noted one by one."""
    return await _again(request, activity_id, BLANK)


@post("/activities/{activity_id:int}/roll-call", guards=[signed_in])
async def note_roll(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """Note who came; service waits for somebody else to confirm it."""

    async def act(form: RollForm) -> Done:
        return await _noted(request, activity_id, form)

    return await submit(request, RollForm, act, partial(_again, request, activity_id))


@get("/activities/{activity_id:int}/roll-call/sheet", guards=[signed_in])
async def sheet_page(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """The sheet to print, with those who signed up and some empty lines."""
    held, lines, _ = await _roll(request, activity_id)
    seated = [line for line in lines if line.state == "in"]
    return page(
        request, "activities/sheet.html", activity=held, lines=seated, empty_lines=EMPTY_LINES
    )


ROUTES: list[ControllerRouterHandler] = [roll_page, note_roll, sheet_page]


async def _noted(request: WebRequest, activity_id: int, form: RollForm) -> Done:
    rows = [*_rows(form), *await _other(form)]
    try:
        state = await roll_call_activity(
            actor_id=actor(request), activity_id=activity_id, rows=rows, reason=form.reason,
            now=clock.now(),
        )  # fmt: skip
    except RollCallRefused as refusal:
        raise FieldErrors(_wrong(refusal, form)) from None
    to = f"/activities/{activity_id}"
    if state == "lapsed":
        return Done(to, LAPSED, level="info")
    served = sum(row.attendance == "served" for row in rows)
    if served:
        return Done(to, N_("Noted. {n} served; somebody else confirms their hours."), {"n": served})
    return Done(to, N_("Noted. Thank you for calling the roll."))


def _rows(form: RollForm) -> list[AttendanceRow]:
    people = len(form.person)
    if len(form.attendance) != people or len(form.minutes) not in (0, people):
        raise RowsUneven
    rows, wrong = [], dict[str, Problem]()
    typed = form.minutes or ("",) * people
    for person_id, attendance, text in zip(form.person, form.attendance, typed, strict=True):
        if attendance != "served":
            rows.append(AttendanceRow(person_id=person_id, attendance=attendance))
        elif (minutes := _minutes(text)) is None:
            wrong[f"minutes-{person_id}"] = (MinutesInvalid.message, {"most": MINUTES_PER_DAY})
        else:
            rows.append(AttendanceRow(person_id, "served", minutes))
    if wrong:
        raise FieldErrors(wrong)
    return rows


def _minutes(text: str) -> int | None:
    good = text.isdecimal() and len(text) < 6 and 1 <= int(text) <= MINUTES_PER_DAY
    return int(text) if good else None


async def _other(form: RollForm) -> list[AttendanceRow]:
    """Somebody who served without having signed up."""
    if not form.other_no:
        return []
    found = await find_by_phone_or_card(form.other_no)
    if found is None:
        raise LeaderUnknown(field="other_no")
    minutes = _minutes(form.other_minutes)
    if minutes is None:
        raise MinutesInvalid(field="other_minutes", most=MINUTES_PER_DAY)
    return [AttendanceRow(found, "served", minutes)]


def _wrong(refusal: RollCallRefused, form: RollForm) -> dict[str, Problem]:
    """What is wrong with which line; whoever had not signed up has a line of her own."""
    known = set(form.person)
    return {
        f"minutes-{row.person_id}" if row.person_id in known else "other_no": (
            row.error.message,
            dict(row.error.facts),
        )
        for row in refusal.facts["rows"]  # type: ignore[attr-defined]
    }


# --- the page


async def _roll(
    request: WebRequest, activity_id: int
) -> tuple[ActivityView, Sequence[SignupLine], bool]:
    """The activity, who signed up, and whether the caller may enter service."""
    mine, now = actor(request), clock.now()
    held = await activity(activity_id, now=now, viewer_id=mine)
    today = await day_in(held.area_id, now)
    plans = await covers(person_id=mine, roles=PLANNING_ROLES, area_id=held.area_id, today=today)
    if not plans and mine not in (held.proposer_id, held.talent_id):
        raise RollForOthers
    lines = await signups(actor_id=mine, activity_id=activity_id, now=now)
    return held, lines, plans


async def _again(request: WebRequest, activity_id: int, filled: Filled) -> Response[Any]:
    held, lines, plans = await _roll(request, activity_id)
    say = words(request).gettext
    offered = get_args(Attendance) if plans else ("joined", "absent")
    return page(
        request, "activities/roll_call.html", status=filled.status, form=filled, activity=held,
        lines=_lines(held, lines, filled, plans=plans), plans=plans, most=MINUTES_PER_DAY,
        attendances=[(one, say(ATTENDANCES[one])) for one in offered], whole=_whole(held),
        begun=held.starts_at <= clock.now(),
    )  # fmt: skip


def _whole(held: ActivityView) -> int:
    return int((held.ends_at - held.starts_at).total_seconds()) // 60


def _lines(
    held: ActivityView, lines: Sequence[SignupLine], filled: Filled, *, plans: bool
) -> list[RollLine]:
    """Whoever had a seat; of joy it is likely that she came, service nobody assumes."""
    likely = "joined" if held.activity_class == "interest" or not plans else "absent"
    found = [
        RollLine(line, line.attendance or likely, _whole(held))
        for line in lines
        if line.state == "in" and line.person_id
    ]
    if not filled.values:
        return found
    typed = {
        person: (attendance, minutes)
        for person, attendance, minutes in zip_longest(
            filled.chosen("person"), filled.chosen("attendance"), filled.chosen("minutes")
        )
    }
    return [
        replace(line, attendance=kept[0] or line.attendance, minutes=kept[1] or line.minutes)
        if (kept := typed.get(str(line.signup.person_id)))
        else line
        for line in found
    ]
