"""The work on one file that a steward sent in, in a process of its own.

What strangers' files can do to a program stays in here: a list that unpacks to more memory than
there is or takes for ever ends this process and nothing else.  The server stays quick meanwhile,
and whoever closes the browser stops nothing.  Keeping is one transaction, so a worker that dies
half-way has kept nothing, and the same file again changes nothing that is kept already.
"""

import asyncio
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

from points.errors import Conflict, DomainError
from points.imports.columns import Columns, count_known, first_word, recognise
from points.imports.people import import_people
from points.imports.rows import ImportReport, Sheet, shown
from points.imports.service import import_service
from points.imports.sheets import read_sheet
from talentmap.activities.imports import import_activities
from talentmap.places.datum import DATUMS, Datum
from talentmap.places.imports import import_places
from talentmap.places.preview import preview_datums
from web.clock import now
from web.database import opened
from web.import_folder import Upload, refusal, report_facts, report_rows, working
from web.import_map import drawn
from web.settings import Settings

AT_ONCE: Final = 3
MEMORY_BYTES: Final = 2_000_000_000
WORK_SECONDS: Final = 900
BEAT_SECONDS: Final = 0.5
SAMPLE_ROWS: Final = 5
ROWS_SHOWN: Final = 20
Told = Callable[[int, int], None]


class TooBusy(Conflict):
    """Several lists are being worked on already."""

    message = "Other lists are being worked on just now. Try again in a minute."


# --- in the server


def begin(settings: Settings, one: Upload, step: str) -> None:
    """Start the worker, unless one is at it already."""
    if one.work() is None and working(settings.data) >= AT_ONCE:
        raise TooBusy
    ticket = secrets.token_hex(8)
    if not one.claim({"step": step, "ticket": ticket, "done": 0, "total": 0}):
        return
    command = [sys.executable, "-m", "web.import_worker", str(one.folder), step, ticket]
    given = {"LINLI_DATABASE_URL": settings.database_url, "LINLI_DATA": str(settings.data)}
    process = subprocess.Popen(  # noqa: S603 - our own program with words of our own
        command, env={**os.environ, **given}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    threading.Thread(target=_watch, args=(process, one, ticket), daemon=True).start()


def _watch(process: "subprocess.Popen[bytes]", one: Upload, ticket: str) -> None:
    """Notice the end at once where this process lives to see it."""
    process.wait()
    if (one.work() or {}).get("ticket") == ticket:
        one.forget("work")


# --- in the worker


def main(folder: str, step: str, ticket: str) -> None:
    """Do one step for one upload."""
    _limit()
    one = Upload.read(Path(folder))
    with _beating(one, {"step": step, "ticket": ticket}) as told:
        asyncio.run(_opened(one, step, told))


def _limit() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (WORK_SECONDS, WORK_SECONDS))


@contextmanager
def _beating(one: Upload, facts: Mapping[str, Any]) -> Iterator[Told]:
    """Touch the work file until the end, with how far the work is."""
    far = {"done": 0, "total": 0}
    over = threading.Event()

    def told(done: int, total: int) -> None:
        far.update(done=done, total=total)

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            if one.folder.is_dir():
                one.tell("work", {**facts, **far})

    heart = threading.Thread(target=beat, daemon=True)
    heart.start()
    try:
        yield told
    finally:
        over.set()
        heart.join()
        one.forget("work")


async def _opened(one: Upload, step: str, told: Told) -> None:
    async with opened(Settings.read().database_url):
        await work(one, step, told)


async def work(one: Upload, step: str, told: Told) -> None:
    """Look at the file, and try or keep it once its datum was said."""
    if one.told("kept") is not None:
        return
    sheet = await _looked_at(one)
    if sheet is None:
        return
    if step == "keep":
        await _keep(one, sheet, told)
    elif one.told("choice") or not (one.told("look") or {})["asks_datum"]:
        await _try(one, sheet, told)


async def _looked_at(one: Upload) -> Sheet | None:
    """The table of the file, after what was recognised in it was written down."""
    try:
        sheet = read_sheet(
            name=one.name,
            content=one.content.read_bytes(),
            known_headers=lambda header: count_known(header, one.kind),
            encoding=one.encoding or None,
        )
        if one.told("look") is None:
            one.tell("look", await _look(one, sheet))
    except DomainError as error:
        one.tell("look", {"refusal": refusal(error)})
        return None
    return sheet


async def _look(one: Upload, sheet: Sheet) -> dict[str, Any]:
    usable = _usable(one, sheet)
    usable.require_usable()
    asks_datum = one.kind == "places" or (
        one.kind == "activities" and any(_has_points(one, sheet, datum) for datum in DATUMS)
    )
    return {
        "encoding": sheet.encoding or "",
        "rows": len(sheet.rows) + len(sheet.problems),
        "title": sheet.title,
        "others": sheet.others,
        "recognised": [
            (column.header, first_word(one.kind, column.field)) for column in usable.recognised
        ],
        "unknown": usable.unknown,
        "header": sheet.header,
        "sample": [[shown(cell) for cell in row.cells] for row in sheet.rows[:SAMPLE_ROWS]],
        "asks_datum": asks_datum,
        "map": await _mapped(one, sheet) if asks_datum else None,
    }


def _usable(one: Upload, sheet: Sheet) -> Columns:
    """The columns as they are, or as they are for the one datum that the headers name."""
    ways = [recognise(sheet.header, one.kind, datum) for datum in (None, *DATUMS)]
    good = [way for way in ways if not (way.missing or way.ambiguous)]
    return max(good, key=lambda way: len(way.recognised)) if good else ways[0]


def _has_points(one: Upload, sheet: Sheet, datum: str) -> bool:
    fields = {column.field for column in recognise(sheet.header, one.kind, datum).recognised}
    return fields >= {"lat", "lon"}


async def _mapped(one: Upload, sheet: Sheet) -> dict[str, Any]:
    found = await preview_datums(
        sheet=sheet, kind=one.kind, area_id=one.area_id, level=one.level, actor_id=one.owner_id,
        now=now(),
    )  # fmt: skip
    for datum, picture in drawn(found).items():
        one.tell(f"map-{datum}", {"svg": picture})
    return {
        "reference": found.reference,
        "here": found.here,
        "towns": len(found.towns),
        "looks": {
            look.datum: {
                "points": len(look.points),
                "far": look.count("far"),
                "judged": look.judged,
                "elsewhere": look.elsewhere_share,
                "outside": look.outside_share,
                "differing": look.differing,
            }
            for look in found.looks
        },
    }


async def _try(one: Upload, sheet: Sheet, told: Told) -> None:
    choice = one.told("choice") or {}
    try:
        report = await _import(one, sheet, choice, told, dry_run=True)
    except DomainError as error:
        one.tell("try", {"choice": choice, "refusal": refusal(error)})
        return
    one.tell("rows", report_rows(report))
    one.tell("try", {"choice": choice, "report": report_facts(report, ROWS_SHOWN)})


async def _keep(one: Upload, sheet: Sheet, told: Told) -> None:
    choice = one.told("choice") or {}
    try:
        report = await _import(one, sheet, choice, told, dry_run=False)
    except DomainError as error:
        one.tell("try", {"choice": choice, "refusal": refusal(error)})
        return
    one.tell("rows", report_rows(report))
    one.tell("kept", {"at": now(), "report": report_facts(report, ROWS_SHOWN)})
    one.content.unlink(missing_ok=True)
    one.forget("try", *(f"map-{datum}" for datum in DATUMS))


async def _import(
    one: Upload, sheet: Sheet, choice: Mapping[str, Any], told: Told, *, dry_run: bool
) -> ImportReport:
    """The use case of the kind; the same that the command runs."""
    datum = cast(Datum, choice.get("datum"))
    shared: dict[str, Any] = {
        "sheet": sheet, "columns": recognise(sheet.header, one.kind, datum),
        "actor_id": one.owner_id, "now": now(), "dry_run": dry_run, "progress": told,
    }  # fmt: skip
    if one.kind == "places":
        return await import_places(
            parent_area_id=one.area_id, level=one.level, datum=datum,
            accept_far=bool(choice.get("accept_far")), **shared,
        )  # fmt: skip
    if one.kind == "people":
        return await import_people(area_id=one.area_id, new_estates=one.new_estates, **shared)
    if one.kind == "service":
        category = one.category or None
        return await import_service(area_id=one.area_id, default_category=category, **shared)
    return await import_activities(area_id=one.area_id, datum=datum, **shared)


if __name__ == "__main__":
    main(*sys.argv[1:])
