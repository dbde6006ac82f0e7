"""Taking over lists in the browser: send a file in, see what it would do, keep it or discard it.

The same use cases as ``linli import``.  The file waits in a folder of the owner's own until she
decides; ``web.import_worker`` reads it, tries it and keeps it in a process apart.
"""

from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from litestar import MediaType, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community import areas, grants
from points.community.rules import LEVELS, Level, may_contain
from points.errors import Conflict, Forbidden, Invalid
from points.imports.columns import KINDS, Kind
from points.service.categories import CATEGORIES
from talentmap.places.errors import LevelNotHere, UnknownDatum
from web import clock, labels
from web.auth import WebRequest, actor, steward
from web.forms import BLANK, Filled, Form, Id, submit, wanted
from web.i18n import N_
from web.import_folder import (
    KEPT_HOURS,
    Upload,
    UploadGone,
    receive,
    refused,
    report_of,
    settled,
    upload,
    uploads,
)
from web.import_stage import KIND_WORDS, stage, stage_chip, view
from web.import_worker import begin
from web.pages import Done, page, words
from web.security import keyed_hash
from web.settings import Settings
from web.sheets import returned_rows
from web.uploads import uploaded

FILE_BYTES = 20_000_000
# How long a page waits for the worker before it says that it is still at work.
WAIT_SECONDS = 2.0
SHORT_SECONDS = 4.0
PLACE_LEVELS = [level for level in LEVELS if level != "city"]
DatumWord = Literal["wgs84", "gcj02", "bd09"]


class FileMissing(Invalid):
    """No file was chosen."""

    message = "Choose a file first."


class NotYetTried(Conflict):
    """What is to be kept is not what was shown."""

    message = (
        "Since this page was opened something else was chosen, perhaps in another window. "
        "Look at the new numbers first."
    )


class KeptAlready(Conflict):
    """The decision has been made."""

    message = "This file is kept already, or just being kept. It cannot be discarded any more."


class NewQuery(Struct, frozen=True):
    """What the form is for."""

    kind: Literal["", "places", "people", "service", "activities"] = ""
    area: Id | None = None


class MapQuery(Struct, frozen=True):
    """Under which datum."""

    datum: DatumWord = "wgs84"


class UploadForm(Form, frozen=True, kw_only=True):
    """A file and what it is; the field of the file holds its digest."""

    kind: Kind
    area_id: Id
    file: str = ""
    encoding: Annotated[str, Meta(max_length=40)] = ""
    level: Level = "estate"
    category: Annotated[str, Meta(max_length=40)] = ""
    new_estates: bool = False


class TryForm(Form, frozen=True, kw_only=True):
    """The datum, said by a person, and whether far rows are right."""

    datum: DatumWord | None = None
    accept_far: bool = False


@get("/imports", guards=[steward])
async def imports_page(request: WebRequest) -> Response[Any]:
    """What I sent in and have not decided about, and what I kept today."""
    mine = uploads(_settings(request).data, actor(request))
    places = await areas.areas([one.area_id for one in mine])
    lines = [(one, stage_chip(one), places[one.area_id]) for one in mine if one.area_id in places]
    return page(request, "imports/list.html", lines=lines, kinds=KIND_WORDS, hours=KEPT_HOURS)


@get("/imports/new", guards=[steward])
async def new_import_page(request: WebRequest) -> Response[Any]:
    """Choose a file."""
    return await _form_again(request, BLANK)


@post("/imports", guards=[steward], files=True, request_max_body_size=FILE_BYTES)
async def send_in(request: WebRequest) -> Response[Any]:
    """Take the file in and look at it; nothing is kept yet."""

    async def act(form: UploadForm) -> Done:
        one = await _received(request, form)
        await settled(one, SHORT_SECONDS)
        _refuse_unreadable(one)
        return Done(f"/imports/{one.id}")

    return await submit(request, UploadForm, act, partial(_form_again, request), replayed=False)


@get("/imports/{upload_id:int}", guards=[steward])
async def import_page(request: WebRequest, upload_id: FromPath[int]) -> Response[Any]:
    """One file: what was recognised, what it would do, what it did."""
    one = _mine(request, upload_id)
    over = await settled(one, WAIT_SECONDS)
    if over and request.headers.get("hx-request"):
        return Response("", headers={"hx-refresh": "true"}, media_type=MediaType.HTML)
    return await _page_again(request, upload_id, BLANK)


@get("/imports/{upload_id:int}/map", guards=[steward])
async def import_map(request: WebRequest, upload_id: FromPath[int]) -> Response[bytes]:
    """The rows as dots, as they would lie under a datum."""
    query = wanted(request, MapQuery)
    picture = _mine(request, upload_id).told(f"map-{query.datum}")
    if picture is None:
        raise UploadGone
    return Response(picture["svg"].encode(), media_type="image/svg+xml")


@get("/imports/{upload_id:int}/rows", guards=[steward])
async def returned_rows_file(request: WebRequest, upload_id: FromPath[int]) -> Response[bytes]:
    """The rows that need somebody, to correct and send in again."""
    one = _mine(request, upload_id)
    rows = one.told("rows")
    content = returned_rows(report_of(rows), words(request)) if rows else None
    if content is None:
        raise UploadGone
    headers = {"content-disposition": f'attachment; filename="rows-{one.id}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@post("/imports/{upload_id:int}/try", guards=[steward])
async def try_out(request: WebRequest, upload_id: FromPath[int]) -> Response[Any]:
    """Say the datum, and see what the file would do."""

    async def act(form: TryForm) -> Done:
        one = _mine(request, upload_id)
        _choose(one, form)
        begin(_settings(request), one, "try")
        return Done(f"/imports/{upload_id}")

    return await submit(request, TryForm, act, partial(_page_again, request, upload_id))


@post("/imports/{upload_id:int}/keep", guards=[steward])
async def keep(request: WebRequest, upload_id: FromPath[int]) -> Response[Any]:
    """Keep it: all rows that can be, or none."""

    async def act(form: TryForm) -> Done:
        one = _mine(request, upload_id)
        _check_shown(one, form)
        begin(_settings(request), one, "keep")
        return Done(f"/imports/{upload_id}")

    return await submit(request, TryForm, act, partial(_page_again, request, upload_id))


@post("/imports/{upload_id:int}/discard", guards=[steward])
async def discard(request: WebRequest, upload_id: FromPath[int]) -> Response[Any]:
    """Forget the file; nothing of it was kept."""

    async def act(_: Form) -> Done:
        one = _mine(request, upload_id)
        was_kept = one.told("kept") is not None
        if (one.work() or {}).get("step") == "keep":
            raise KeptAlready
        one.remove()
        said = N_("Removed from this list. What was taken over stays.")
        return Done("/imports", said if was_kept else N_("Discarded. Nothing of it was kept."))

    return await submit(request, Form, act, partial(_page_again, request, upload_id))


ROUTES: list[ControllerRouterHandler] = [
    imports_page, new_import_page, send_in, import_page, import_map, returned_rows_file, try_out,
    keep, discard,
]  # fmt: skip


def _settings(request: WebRequest) -> Settings:
    found = request.app.state.settings
    assert isinstance(found, Settings)
    return found


def _mine(request: WebRequest, upload_id: int) -> Upload:
    return upload(_settings(request).data, actor(request), upload_id)


async def _page_again(request: WebRequest, upload_id: int, filled: Filled) -> Response[Any]:
    one = _mine(request, upload_id)
    area = await areas.area(one.area_id)
    return page(
        request, "imports/one.html", status=filled.status, form=filled, one=one, area=area,
        **view(one, words(request)),
    )  # fmt: skip


# --- sending in


async def _form_again(request: WebRequest, filled: Filled) -> Response[Any]:
    query = wanted(request, NewQuery)
    kind = str(filled.value("kind", query.kind))
    say = words(request).gettext
    return page(
        request, "imports/new.html", status=filled.status, form=filled,
        kind=kind if kind in KINDS else "", kinds=KIND_WORDS, areas=await _areas(request),
        area=query.area or "", megabytes=FILE_BYTES // 1_000_000,
        levels=[(level, say(labels.LEVELS[level])) for level in PLACE_LEVELS],
        categories=[("", say(N_("As the rows say"))),
                    *((one.code, say(one.label)) for one in CATEGORIES)],
        again=f"/imports/new?{urlencode({'kind': kind})}",
    )  # fmt: skip


async def _areas(request: WebRequest) -> list[tuple[int, str]]:
    """Where she is steward, and what lies directly in it."""
    today = clock.today(request.user.time_zone)
    held = await grants.active_grants(actor(request), today)
    found: dict[int, str] = {}
    for area_id in dict.fromkeys(one.area_id for one in held if one.role == "steward"):
        for area in (await areas.area(area_id), *await areas.children(area_id)):
            found.setdefault(area.id, " · ".join(area.path[-2:]))
    return list(found.items())


async def _received(request: WebRequest, form: UploadForm) -> Upload:
    """The file in its folder, with a worker looking at it."""
    content = await uploaded(request, "file")
    if not content:
        raise FileMissing(field="file")
    await _check_area(request, form)
    secret, person_id = request.app.state.secret, actor(request)
    number = keyed_hash(secret, f"import {person_id} {form.request_id}")[:15]
    facts = {
        "id": int(number, 16), "owner_id": person_id, "area_id": form.area_id, "kind": form.kind,
        "name": await _file_name(request), "encoding": form.encoding, "level": form.level,
        "category": form.category, "new_estates": form.new_estates, "size": len(content),
        "created_at": clock.now(),
    }  # fmt: skip
    one = receive(_settings(request).data, content, facts)
    if one.told("look") is None:
        begin(_settings(request), one, "look")
    return one


async def _check_area(request: WebRequest, form: UploadForm) -> None:
    """Refuse on the form what the use case would refuse after a while."""
    where = await areas.area(form.area_id)
    today = await areas.day_in(form.area_id, clock.now())
    if not await grants.covers(
        person_id=actor(request), roles=("steward",), area_id=form.area_id, today=today
    ):
        raise Forbidden
    if form.kind == "places" and not may_contain(where.level, form.level):
        raise LevelNotHere(field="level", level=form.level, parent_level=where.level)


async def _file_name(request: WebRequest) -> str:
    file = (await request.form()).get("file")
    name = file.filename if isinstance(file, UploadFile) else ""
    # Some browsers send the whole path of a long ago Windows.
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable())[-80:] or "file"


def _refuse_unreadable(one: Upload) -> None:
    """Say at the form itself why a file cannot be read, and forget it."""
    found = one.told("look")
    if found is not None and "refusal" in found:
        error = refused(found["refusal"])
        error.facts.setdefault("field", "file")
        one.remove()
        raise error


# --- deciding


def _choose(one: Upload, form: TryForm) -> None:
    look = one.told("look") or {}
    if look.get("asks_datum") and form.datum is None:
        raise UnknownDatum(field="datum")
    if one.told("kept") is not None:
        raise KeptAlready
    if one.work() is not None:
        return
    if look.get("asks_datum"):
        one.tell("choice", {"datum": form.datum, "accept_far": form.accept_far})
    one.forget("try", "keeping")


def _check_shown(one: Upload, form: TryForm) -> None:
    """Only what was shown is kept; a second press finds the work begun or done."""
    if stage(one) in {"working", "kept"}:
        return
    choice = one.told("choice") or {"datum": None, "accept_far": False}
    if stage(one) != "tried" or choice != {"datum": form.datum, "accept_far": form.accept_far}:
        raise NotYetTried
    one.tell("keeping", {"at": clock.now()})
