"""``linli books verify``: prove the books, or name the place where they were bent."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from points.ledger import linli_verify
from points.ledger.checks import Problem
from points.ledger.sealing.check import verify_seals
from points.ledger.sealing.seals import seal_due
from points.ledger.verify import verify
from points.rewards.verify import verify_rewards
from points.service.verify import verify_earnings
from talentmap.activities.verify import verify_activities
from talentmap.talents.verify import verify_talents
from web import clock
from web.cli.bars import bars
from web.cli.export import export_command
from web.cli.running import data_option, run_on_database
from web.settings import Settings


@click.group("books")
def books_command() -> None:
    """The books. 账本。"""


@books_command.command("verify")
@click.option("--json", "as_json", is_flag=True, help="One JSON object. 输出 JSON。")
@data_option
def verify_command(as_json: bool, data: Path | None) -> None:
    """Check every entry, balance, lot and record against each other. 逐笔核对账本。"""
    postings, transfers, problems = run_on_database(Settings.read(data=data), _verified)
    if as_json:
        found = [asdict(problem) for problem in problems]
        answer = {"postings": postings, "transfers": transfers, "problems": found}
        click.echo(json.dumps(answer, ensure_ascii=False, default=str))
    else:
        _print(postings, transfers, problems)
    if problems:
        sys.exit(1)


@books_command.command("seal")
@data_option
def seal_command(data: Path | None) -> None:
    """Seal now what the next seal would take. 立即封存尚未封存的账目。"""

    async def act() -> int:
        with bars() as bar:
            return await seal_due(clock.now(), progress=bar("Sealing 封存"))

    made = run_on_database(Settings.read(data=data), act)
    click.echo(f"{made} seals made. 新增 {made} 个封印。")


@books_command.command("verifier")
def verifier_command() -> None:
    """Print the program that checks exports and proofs by itself. 输出独立核验程序。"""
    click.echo(Path(linli_verify.__file__).read_text(encoding="utf-8"), nl=False)


books_command.add_command(export_command)


async def _verified() -> tuple[int, int, list[Problem]]:
    with bars() as bar:
        report = await verify(bar("Books 账目"))
        problems = [
            *report.problems,
            *await verify_seals(bar("Seals 封印")),
            *await verify_earnings(),
            *await verify_rewards(),
            *await verify_activities(),
            *await verify_talents(),
        ]
    return report.postings, report.transfers, problems


def _print(postings: int, transfers: int, problems: list[Problem]) -> None:
    click.echo(
        f"{postings} postings, {transfers} transfers checked. "
        f"已核对 {postings} 笔记账、{transfers} 笔划转。"
    )
    for problem in problems:
        click.echo(
            f"{problem.place}: expected {problem.expected}, found {problem.found}"
            f"（应为 {problem.expected}，实为 {problem.found}）",
            err=True,
        )
    if not problems:
        click.echo("The books are in order. 账目相符。")
