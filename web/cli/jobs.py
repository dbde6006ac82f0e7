"""``linli jobs run``: what is due, once, for cron."""

import sys
from pathlib import Path

import click

from web.cli.running import data_option, run_on_database
from web.jobs import Outcome, jobs_of, new_owner, run_jobs
from web.settings import Settings


@click.group("jobs")
def jobs_command() -> None:
    """Periodic work. 定时任务。"""


@jobs_command.command("run")
@data_option
def run_command(data: Path | None) -> None:
    """Do once what is due and no other process has done. 把到点的任务各做一次。"""
    settings = Settings.read(data=data)
    outcomes = run_on_database(settings, lambda: run_jobs(jobs_of(settings), owner=new_owner()))
    for outcome in outcomes:
        click.echo(_line(outcome), err=outcome.failed)
    if not outcomes:
        click.echo("Nothing is due. 没有到点的任务。")
    if any(outcome.failed for outcome in outcomes):
        sys.exit(1)


def _line(outcome: Outcome) -> str:
    return f"{outcome.name}: {'failed 失败' if outcome.failed else outcome.acted}"
