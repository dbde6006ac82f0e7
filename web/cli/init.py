"""``linli init``: found the area tree, two stewards, the book and its first policy."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import available_timezones

import click

from points.community.access.codes import issue_invitation
from points.community.areas import create_area, find_child
from points.community.grants import found_stewards
from points.community.people import enrol
from points.ledger.books import open_book
from points.service.policy import adopt_policy
from points.service.rules import Terms
from points.transactions import use_case
from web.cli.cards import Card, print_cards, write_sheet
from web.cli.running import data_option, run_on_database
from web.clock import now, today
from web.settings import Settings
from web.start import bring_up_to_date, prepare


@dataclass(frozen=True, slots=True)
class Adoption:
    """Who adopted the first policy, when, and by which votes."""

    on: date
    body: str
    votes: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Founding:
    """What ``init`` was told.  City and district may be left out (empty)."""

    city: str
    district: str
    subdistrict: str
    committees: tuple[str, ...]
    time_zone: str
    stewards: tuple[tuple[str, str], tuple[str, str]]
    adoption: Adoption


class Votes(click.ParamType[tuple[int, int, int]]):
    """``for/against/abstained`` as in 31/2/4."""

    name = "votes"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int, int]:
        """Three numbers of one text."""
        parts = str(value).split("/")
        if len(parts) != 3 or not all(part.strip().isdecimal() for part in parts):
            self.fail("for/against/abstained, for example 31/2/4. 赞成/反对/弃权，如 31/2/4。")
        favour, against, abstained = (int(part) for part in parts)
        return favour, against, abstained


class Steward(click.ParamType[tuple[str, str]]):
    """``name,phone``."""

    name = "name,phone"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """A name and a phone number of one text."""
        name, comma, phone = str(value).replace("，", ",").partition(",")
        if not comma or not name.strip() or not phone.strip():
            self.fail("name,phone — 姓名,手机号，如 陈静,13800000001。")
        return name.strip(), phone.strip()


class TimeZone(click.ParamType[str]):
    """A name such as Asia/Shanghai."""

    name = "zone"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The name, if there is such a zone."""
        if str(value) not in available_timezones():
            self.fail("for example Asia/Shanghai. 没有这个时区，如 Asia/Shanghai。")
        return str(value)


@click.command("init")
@click.option("--city", default="", help="City, if maps of all of it will be imported. 城市。")
@click.option("--district", default="", help="District of the city. 区。")
@click.option("--subdistrict", prompt="Subdistrict or town 街道/镇", help="街道或镇。")
@click.option(
    "--committee",
    "committees",
    multiple=True,
    required=True,
    help="Repeatable. 居委会，可多次。",
)
@click.option(
    "--time-zone", type=TimeZone(), default="Asia/Shanghai", show_default=True, help="时区。"
)
@click.option("--steward-1", type=Steward(), prompt="First steward 第一位居委干部 (name,phone)")
@click.option("--steward-2", type=Steward(), prompt="Second steward 第二位居委干部 (name,phone)")
@click.option(
    "--adopted-on",
    type=click.DateTime(["%Y-%m-%d"]),
    prompt="Day the points policy was adopted 积分细则通过日期 (YYYY-MM-DD)",
)
@click.option("--adopted-by", prompt="Adopted by 通过会议", default="居民代表会议")
@click.option("--votes", type=Votes(), prompt="Votes 表决 (for/against/abstained 赞成/反对/弃权)")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="站点地址。")
@data_option
def init_command(
    city: str,
    district: str,
    subdistrict: str,
    committees: tuple[str, ...],
    time_zone: str,
    steward_1: tuple[str, str],
    steward_2: tuple[str, str],
    adopted_on: datetime,
    adopted_by: str,
    votes: tuple[int, int, int],
    url: str,
    data: Path | None,
) -> None:
    """Found areas, two stewards and the books; print the invitations. 建立居民区并打印邀请。"""
    founding = Founding(
        city=city,
        district=district,
        subdistrict=subdistrict,
        committees=committees,
        time_zone=time_zone,
        stewards=(steward_1, steward_2),
        adoption=Adoption(on=adopted_on.date(), body=adopted_by, votes=votes),
    )
    settings = Settings.read(data=data)
    prepare(settings)

    async def act() -> list[Card]:
        await bring_up_to_date()
        return await found(founding=founding, now=now(), today=today(time_zone))

    cards = run_on_database(settings, act)
    sheet = write_sheet(settings.data / "invitations.html", cards, url=url)
    print_cards(cards)
    click.echo(f"Print and hand over, then delete: {sheet} 请打印转交后删除该文件。")


@use_case
async def found(*, founding: Founding, now: datetime, today: date) -> list[Card]:
    """Found everything at once, or nothing."""
    root = await _subdistrict(founding, now)
    for name in founding.committees:
        area_id = await create_area(
            parent_id=root, level="committee", name=name, time_zone=None, now=now
        )
        await _open(area_id, founding.adoption, now, today)
    first, second = [
        await enrol(name=name, phone=phone, area_id=root, actor_id=None, now=now)
        for name, phone in founding.stewards
    ]
    await found_stewards(area_id=root, person_ids=(first, second), now=now, today=today)
    return [
        Card(
            name=name,
            role="steward",
            login=phone,
            code=await issue_invitation(actor_id=None, person_id=person_id, now=now),
        )
        for person_id, (name, phone) in zip((first, second), founding.stewards, strict=True)
    ]


async def _subdistrict(founding: Founding, now: datetime) -> int:
    """The subdistrict with what lies above it; what an import of maps made is used as it is."""
    area_id: int | None = None
    for level, name in (
        ("city", founding.city),
        ("district", founding.district),
        ("subdistrict", founding.subdistrict),
    ):
        if name or level == "subdistrict":
            zone = founding.time_zone if area_id is None else None
            area_id = await find_child(area_id, level, name) or await create_area(
                parent_id=area_id, level=level, name=name, time_zone=zone, now=now
            )
    assert area_id is not None
    return area_id


async def _open(area_id: int, adoption: Adoption, now: datetime, today: date) -> None:
    book_id = await open_book(area_id=area_id, now=now)
    favour, against, abstained = adoption.votes
    await adopt_policy(
        actor_id=None,
        book_id=book_id,
        effective_from=today.replace(day=1),
        terms=Terms(),
        adopted_on=adoption.on,
        adopted_by_body=adoption.body,
        votes_for=favour,
        votes_against=against,
        votes_abstained=abstained,
        now=now,
    )
