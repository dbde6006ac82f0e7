"""Periodic work: once for each slot, in tasks of their own, and no failure stops another job."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest

from points.notices.post import notify
from points.transactions import engine as bound
from points.transactions import run, use_case
from tests.cast import cast
from web import clock
from web.app import create_app
from web.jobs import JOBS, Job, Outcome, jobs_of, new_owner, run_jobs
from web.settings import Settings

pytestmark = pytest.mark.anyio
DAY = 24 * 3600


def counting(seen: list[str], name: str) -> Job:
    async def act(now: datetime) -> int:
        seen.append(name)
        return len(seen)

    return Job(name, DAY, act)


async def broken(now: datetime) -> int:
    raise ArithmeticError("on purpose")


async def test_a_job_that_fails_stops_no_other_and_is_logged(
    engine: object, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []
    jobs = [Job("broken", DAY, broken), counting(seen, "after")]
    assert await run_jobs(jobs, owner="a") == [
        Outcome("broken", failed=True),
        Outcome("after", acted=1),
    ]
    assert "The job broken failed." in caplog.text
    assert "on purpose" in caplog.text


async def test_a_slot_is_done_once_however_many_try(engine: object) -> None:
    seen: list[str] = []
    job = counting(seen, "once")
    await asyncio.gather(*(run_jobs([job], owner=f"process {number}") for number in range(8)))
    assert seen == ["once"]


async def test_a_job_inherits_no_transaction(engine: object) -> None:
    stood_inside: list[bool] = []

    async def act(now: datetime) -> int:
        stood_inside.append(bound().transaction_exists())
        return 0

    await run_jobs([Job("alone", DAY, act)], owner="a")
    assert stood_inside == [False]


async def test_what_a_failed_job_began_is_undone_and_the_next_can_write(engine: object) -> None:
    people = await cast()

    def told(fails: bool) -> Callable[[datetime], Awaitable[int]]:
        @use_case
        async def act(*, now: datetime) -> None:
            await notify(
                person_ids=[people.wang_fang],
                kind="points_expired",
                facts={"points": 1},
                path="/",
                now=now,
            )
            if fails:
                raise ArithmeticError

        async def job(now: datetime) -> int:
            await act(now=now)
            return 1

        return job

    await run_jobs([Job("fails", DAY, told(True)), Job("works", DAY, told(False))], owner="a")
    assert len(await run("SELECT id FROM notice")) == 1


async def test_all_jobs_run_on_an_empty_neighbourhood(engine: object, tmp_path: Path) -> None:
    await cast()
    settings = Settings(data=tmp_path, database_url="", smtp_url="smtp://127.0.0.1:1")
    outcomes = await run_jobs(jobs_of(settings), owner=new_owner())
    assert [one.name for one in outcomes][: len(JOBS)] == [job.name for job in JOBS]
    assert [one.name for one in outcomes][len(JOBS) :] == ["imports_forget", "mail"]
    assert [one for one in outcomes if one.failed or one.acted] == []
    assert len(new_owner()) <= 64


async def test_the_server_runs_them_while_it_is_open(database_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url=database_url, jobs=True)
    app, jobs = create_app(settings), jobs_of(settings)
    async with app.lifespan():
        until = clock.now().timestamp() + 30
        while clock.now().timestamp() < until:
            rows = await run("SELECT name FROM job_lease")
            if len(rows) == len(jobs):
                break
            await asyncio.sleep(0.02)
        assert {row["name"] for row in rows} == {job.name for job in jobs}


def test_cron_runs_them_once(database_url: str, tmp_path: Path) -> None:
    def jobs_run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from web.cli import main; main()", "jobs", "run"],
            cwd=Path(__file__).parents[2],
            env={"LINLI_DATABASE_URL": database_url, "LINLI_DATA": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )

    # A new minute may begin between two of three quick runs, but not between both pairs.
    first, *later = (jobs_run() for _ in range(3))
    assert {one.returncode for one in (first, *later)} == {0}, first.stderr
    jobs = jobs_of(Settings(data=tmp_path, database_url=database_url))
    assert first.stdout.splitlines() == [f"{job.name}: 0" for job in jobs]
    assert any("没有到点的任务" in one.stdout for one in later)


@pytest.mark.parametrize(
    ("given", "runs"), [("", True), ("yes", True), ("no", False), ("0", False), (" OFF ", False)]
)
def test_the_operator_says_whether_the_server_runs_them(given: str, runs: bool) -> None:
    assert Settings.read({"LINLI_JOBS": given}).jobs == runs
