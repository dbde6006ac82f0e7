"""Who may take over lists.  The upload of the matrix is the steward's own."""

from collections.abc import Mapping
from pathlib import Path

from tests.cast import Cast
from tests.web.access_entry import ELSEWHERE, STEWARD, Entry
from web import clock
from web.import_folder import receive
from web.import_worker import work

IMPORTS: Mapping[str, Entry] = {
    "GET /imports": Entry(STEWARD | ELSEWHERE),
    "GET /imports/new": Entry(STEWARD | ELSEWHERE),
    "POST /imports": Entry(STEWARD | ELSEWHERE),
    "GET /imports/{upload_id:int}": Entry(STEWARD),
    "GET /imports/{upload_id:int}/map": Entry(STEWARD),
    "GET /imports/{upload_id:int}/rows": Entry(STEWARD),
    # The numbers that the form names are not those on the page: it is judged, and nothing begins.
    "POST /imports/{upload_id:int}/try": Entry(STEWARD),
    "POST /imports/{upload_id:int}/keep": Entry(STEWARD, {"datum": "bd09"}),
    "POST /imports/{upload_id:int}/discard": Entry(STEWARD),
}

ESTATES = "小区,纬度,经度\n春申花苑,31.151,121.351\n虹桥新村,31.162,121.362\n没有坐标,,\n"


async def sent_in(cast: Cast, data: Path) -> int:
    """A list of the steward's that was tried and waits for her decision."""
    facts = {
        "id": 700_700, "owner_id": cast.chen_jing, "area_id": cast.committee, "kind": "places",
        "name": "小区一览表.csv", "encoding": "", "level": "estate", "category": "",
        "new_estates": False, "size": len(ESTATES), "created_at": clock.now(),
    }  # fmt: skip
    one = receive(data, ESTATES.encode(), facts)
    one.tell("choice", {"datum": "wgs84", "accept_far": False})
    await work(one, "try", lambda done, total: None)
    return one.id
