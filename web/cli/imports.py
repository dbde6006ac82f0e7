"""``linli import``: places, residents, service and activities from tables that exist anyway."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import click

from points.community import rules
from points.community.areas import day_in
from points.community.grants import holders
from points.community.people import find_by_phone_or_card
from points.imports.columns import Columns, Kind, count_known, recognise
from points.imports.errors import StewardUnknown
from points.imports.people import import_people
from points.imports.rows import ImportReport, Sheet
from points.imports.service import import_service
from points.imports.sheets import check_size, read_sheet
from points.imports.targets import city_called, target_area
from points.ledger.books import book_of_area
from points.service.categories import CATEGORIES
from talentmap.activities.imports import import_activities
from talentmap.places.datum import DATUMS, Datum
from talentmap.places.imports import import_places
from web.cli.bars import Told, bars
from web.cli.running import data_option, language, run_on_database
from web.clock import now
from web.i18n import HOME_TIME_ZONE, Translator, translator
from web.settings import Settings
from web.sheets import returned_rows, said_columns, said_report
from web.start import bring_up_to_date, prepare

DATUM_QUESTION = (
    "Which datum are the coordinates in? 坐标是哪种坐标系？\n"
    "  wgs84  GPS, OpenStreetMap, 天地图\n"
    "  gcj02  高德, 腾讯 (AMap, Tencent)\n"
    "  bd09   百度 (Baidu)\n"
)


@dataclass(frozen=True, slots=True)
class Order:
    """What the operator asked for."""

    kind: Kind
    file: Path
    datum: Datum | None
    encoding: str | None
    level: str
    area: str | None
    new_city: str | None
    new_estates: bool
    category: str | None
    actor: str | None
    dry_run: bool
    accept_far: bool
    yes: bool
    as_json: bool
    rejects: Path | None

    @property
    def asks(self) -> bool:
        """Whether somebody is there to answer."""
        return not (self.yes or self.as_json or self.dry_run)

    def say(self, text: str) -> None:
        """To the operator; with --json the last line of stdout belongs to a program."""
        click.echo(text, err=self.as_json)


@click.command("import")
@click.argument("kind", type=click.Choice(["places", "people", "service", "activities"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--datum", type=click.Choice(DATUMS), help="Datum of coordinates. 坐标系。")
@click.option("--encoding", help="Text encoding, e.g. gb18030. 文本编码。")
@click.option(
    "--level",
    type=click.Choice(rules.LEVELS),
    default="estate",
    show_default=True,
    help="What the places are. 地点的层级。",
)
@click.option("--area", help="Name or number of the area to import into. 导入到哪个区域。")
@click.option("--new-city", help="Places, activities: a new topmost area of that name. 新建城市。")
@click.option("--new-estates", is_flag=True, help="People: make estates named. 新建名册里的小区。")
@click.option(
    "--category",
    type=click.Choice([category.code for category in CATEGORIES]),
    help="Service: category of rows that name none. 未写类别时用的类别。",
)
@click.option("--as", "actor", help="Phone or card of the steward who imports. 经办人手机或卡号。")
@click.option("--dry-run", is_flag=True, help="Say what would be done. 只试算，不保存。")
@click.option("--accept-far", is_flag=True, help="Places: take far rows too. 接受远处的行。")
@click.option("--yes", is_flag=True, help="Do not ask. 不再询问。")
@click.option("--json", "as_json", is_flag=True, help="Last line: the numbers. 末行输出数字。")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where refused rows are written. 退回的行写到哪里。",
)
@data_option
def import_command(data: Path | None, **options: Any) -> None:
    """Take over places, people, service or activities. 导入地点、居民名册、服务记录或活动。

    Columns are shown before anything is kept; the same file twice changes nothing.
    保存前先显示识别出的列；同一文件导入两次不会重复。
    """
    order = Order(**options)
    settings = Settings.read(data=data)
    prepare(settings)
    report = run_on_database(settings, lambda: _imported(order))
    said = translator(language())
    order.say(said_report(report, said))
    _write_rejects(order, report, said)
    if order.as_json:
        click.echo(json.dumps(_numbers(order, report)))


def _numbers(order: Order, report: ImportReport) -> dict[str, int]:
    counted = {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "held_back": len(report.held_back),
        "refused": len(report.refused),
    }
    # Activities that are in the list and not on the map.
    return counted | ({"unplaced": len(report.notes)} if order.kind == "activities" else {})


async def _imported(order: Order) -> ImportReport:
    await bring_up_to_date()
    check_size(order.file.name, order.file.stat().st_size)
    sheet = read_sheet(
        name=order.file.name,
        content=order.file.read_bytes(),
        known_headers=lambda header: count_known(header, order.kind),
        encoding=order.encoding,
    )
    order = replace(order, datum=_datum(order))
    columns = recognise(sheet.header, order.kind, order.datum)
    for line in said_columns(sheet, columns, translator(language())):
        order.say(line)
    columns.require_usable()
    if order.asks and not click.confirm("Go on? 继续导入？"):
        sys.exit(1)
    act = {
        "places": _places,
        "people": _people,
        "service": _service,
        "activities": _activities,
    }[order.kind]
    with _told(reads_first=order.kind in ("places", "activities")) as told:
        return await act(order, sheet, columns, told)


def _datum(order: Order) -> Datum | None:
    """Asked for, never guessed; without anybody to ask, the import refuses."""
    if order.kind not in ("places", "activities") or order.datum or not order.asks:
        return order.datum
    click.echo(DATUM_QUESTION, err=True, nl=False)
    answer: Datum = click.prompt("Datum 坐标系", type=click.Choice(DATUMS), err=True)
    return answer


async def _places(order: Order, sheet: Sheet, columns: Columns, told: Told) -> ImportReport:
    root_id = await _city_or_area(order)
    return await import_places(
        sheet=sheet,
        columns=columns,
        datum=cast(Datum, order.datum),
        level=order.level,
        parent_area_id=root_id,
        actor_id=None,
        now=now(),
        dry_run=order.dry_run,
        accept_far=order.accept_far,
        progress=told,
    )


async def _people(order: Order, sheet: Sheet, columns: Columns, told: Told) -> ImportReport:
    area_id = await target_area(order.area, with_book=True)
    return await import_people(
        sheet=sheet,
        columns=columns,
        area_id=area_id,
        actor_id=await _actor(order, area_id),
        now=now(),
        new_estates=order.new_estates,
        dry_run=order.dry_run,
        progress=told,
    )


async def _service(order: Order, sheet: Sheet, columns: Columns, told: Told) -> ImportReport:
    area_id = await target_area(order.area, with_book=True)
    return await import_service(
        sheet=sheet,
        columns=columns,
        area_id=area_id,
        actor_id=await _actor(order, area_id),
        now=now(),
        default_category=order.category,
        dry_run=order.dry_run,
        progress=told,
    )


async def _activities(order: Order, sheet: Sheet, columns: Columns, told: Told) -> ImportReport:
    area_id = await _city_or_area(order)
    return await import_activities(
        sheet=sheet,
        columns=columns,
        datum=order.datum,
        area_id=area_id,
        # An archive needs nobody's name; what is still to come does.
        actor_id=await _actor(order, area_id) if await book_of_area(area_id) else None,
        now=now(),
        dry_run=order.dry_run,
        progress=told,
    )


async def _city_or_area(order: Order) -> int:
    if order.new_city:
        return await city_called(order.new_city, time_zone=HOME_TIME_ZONE, now=now())
    return await target_area(order.area, with_book=False)


async def _actor(order: Order, area_id: int) -> int:
    """Who answers for the list; the first steward of the area, and it is said, if nobody is named.

    Whoever it is cannot confirm this service afterwards.
    """
    if order.actor:
        person_id = await find_by_phone_or_card(order.actor)
        if person_id is None:
            raise StewardUnknown
        return person_id
    moment = now()
    found = await holders(
        area_id=area_id, roles=("steward",), today=await day_in(area_id, moment), limit=1
    )
    if not found:
        raise StewardUnknown
    click.echo(f"In the name of {found[0].name}. 经办人：{found[0].name}", err=True)
    return found[0].person_id


@contextmanager
def _told(*, reads_first: bool) -> Iterator[Told]:
    """A bar that starts anew with every count it is told."""
    with bars() as bar:
        parts: dict[int, Told] = {}

        def told(done: int, total: int) -> None:
            if total not in parts:
                parts[total] = bar("Reading 读取" if reads_first and not parts else "Keeping 保存")
            parts[total](done, total)

        yield told


def _write_rejects(order: Order, report: ImportReport, said: Translator) -> None:
    content = returned_rows(report, said)
    if content is None:
        return
    path = order.rejects or order.file.with_name(f"{order.file.stem}.rejects.csv")
    try:
        path.write_bytes(content)
    except OSError as error:
        # What was imported stays imported; only the list of what was not is lost.
        click.echo(f"{path}: {error.strerror}", err=True)
        return
    order.say(said.gettext("Rows that need you are in {path}", path=path))
