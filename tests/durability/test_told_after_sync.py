"""No answer leaves before what it says is on the disk: seen from outside, call by call.

The number that a form carries stands in the request that the socket gives, in the page of the
log that the COMMIT writes, and by way of its socket it belongs to one answer.
"""

import re

import anyio
import pytest

from tests.durability.mixed import Load, set_the_scene
from tests.durability.server_process import serving
from tests.durability.test_mixed_kills import nothing_more
from tests.durability.traced import READS, SYNCS, Call, calls_of, traced
from web.database import opened

pytestmark = [pytest.mark.anyio, pytest.mark.durable, pytest.mark.long]
REQUEST_ID = re.compile(r"request_id=([0-9a-f]{32})")
WRITES_AT_LEAST = 20


async def test_no_answer_leaves_before_the_sync_after_its_commit(sqlite_url, tmp_path):
    async with opened(sqlite_url):
        load = await set_the_scene()
    # A set that is confirmed keeps no request id: its records are what counts once.
    forms = [write for write in load.writes if write.path != "/confirm"]
    trace = tmp_path / "calls"
    async with serving(sqlite_url) as server:
        with traced(server.process.pid, trace):
            await Load(load.sessions, forms).send(server, nothing_more, after=-1)
    calls = await anyio.to_thread.run_sync(calls_of, trace)
    answers = answered(calls)
    assert set(answers) == {write.request_id for write in forms}
    assert len(answers) >= WRITES_AT_LEAST
    early = [one for one, answer in answers.items() if not synced_before(calls, one, answer)]
    assert early == []


def answered(calls: list[Call]) -> dict[str, Call]:
    """The answer to each form: the first 303 on the socket that it came from."""
    asked: dict[str, str] = {}
    found: dict[str, Call] = {}
    for call in calls:
        if call.name in READS and (form := REQUEST_ID.search(call.text)):
            asked[call.file] = form[1]
        elif "HTTP/1.1 303" in call.text and call.file in asked:
            found[asked.pop(call.file)] = call
    return found


def synced_before(calls: list[Call], request_id: str, answer: Call) -> bool:
    """Whether a page with the form went into the log, and then the log to the disk."""
    kept = [
        call.ended
        for call in calls
        if call.name == "pwrite64" and call.file.endswith("-wal") and request_id in call.text
    ]
    return bool(kept) and any(
        call.name in SYNCS
        and call.file.endswith("-wal")
        and call.began > kept[0]
        and call.ended < answer.began
        and call.text.endswith("= 0")
        for call in calls
    )
