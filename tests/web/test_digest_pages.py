"""The digest that hangs on the notice board, and what everybody can check with it."""

import re
from datetime import timedelta

import pytest

from points.community.people import close_account
from points.ledger import linli_verify
from points.ledger.linli_verify import check_proof
from points.ledger.sealing.seals import last_seal, seal_due
from points.transactions import run
from tests.points.ledger.scene import unguarded
from tests.web.conftest import Site, said
from tests.web.played import Play, play
from web import clock
from web.digest import PROGRAM

pytestmark = pytest.mark.anyio
__all__ = ["play"]


@pytest.fixture
def site(sqlite_site: Site) -> Site:
    """What is on these pages is tried on both engines below them."""
    return sqlite_site


@pytest.fixture
async def played(play: Play) -> Play:
    """张伟 served, it was confirmed, and the books were sealed."""
    await play.confirmed(await play.logged(play.cast.zhang_wei))
    await seal_due(clock.now())
    return play


def month() -> str:
    return clock.today("Asia/Shanghai").strftime("%Y-%m")


async def test_anybody_reads_the_digest_and_finds_the_imprint(played: Play):
    stranger = played.site.browser()
    listed = await stranger.get("/digest")
    assert f"/digest/{month()}?book={played.cast.book}" in listed.text
    page = await stranger.get(f"/digest/{month()}?book={played.cast.book}")
    seal = await last_seal(played.cast.book)
    assert seal is not None
    assert "".join(re.findall(r"<span>([0-9a-f]{4})</span>", page.text)) == seal.hash
    assert "比最近一次张贴的公示更新的账目" in page.text
    assert "could still be rewritten by the operator" in page.text
    assert "张伟" not in page.text
    document = (await stranger.get(f"/digest/{month()}/digest.json?book={played.cast.book}")).json()
    assert (document["head"], document["issued"]) == (seal.hash, seal.issued)


async def test_who_served_checks_her_own_entries(played: Play):
    hers = await played.browser(played.cast.zhang_wei)
    page = await hers.follow(await hers.get("/me/proof"))
    assert "都与封存时一致" in said(page)
    answer = await hers.get(f"/digest/{month()}/mine.json?book={played.cast.book}")
    assert "attachment" in answer.headers["content-disposition"]
    section = check_proof(answer.json())
    assert section.transfers == 2
    assert "何敏" not in answer.text


async def test_who_has_nothing_yet_is_told_so(played: Play):
    his = await played.browser(played.cast.he_min)
    page = await his.get(f"/digest/{month()}/mine")
    assert page.status_code == 200
    assert "没有您的记录" in said(page)


async def test_a_change_behind_the_seal_is_shown_to_whom_it_concerns(played: Play):
    await unguarded("transfer", "UPDATE transfer SET amount = amount + 1")
    hers = await played.browser(played.cast.zhang_wei)
    page = await hers.get(f"/digest/{month()}/mine")
    assert "与封存时不一致" in said(page)
    with pytest.raises(linli_verify.Bad):
        check_proof((await hers.get(f"/digest/{month()}/mine.json")).json())


@pytest.mark.parametrize("path", ["2001-01", "2026-13", "now", "9999-12", "2026-1-1", "%00"])
async def test_a_month_that_was_not_sealed_is_not_found(played: Play, path: str):
    for tail in ("", "/digest.json"):
        answer = await played.site.browser().get(f"/digest/{path}{tail}")
        assert answer.status_code == 404, answer.text
    for book in ("99", "0", "x"):
        answer = await played.site.browser().get(f"/digest/{month()}?book={book}")
        assert answer.status_code in {404, 422}


async def test_before_the_first_seal_the_page_says_so(sqlite_site: Site):
    page = await sqlite_site.browser().get("/digest")
    assert page.status_code == 200
    assert "还没有封存" in said(page)
    hers = await sqlite_site.signed_in(sqlite_site.cast.zhang_wei)
    assert (await hers.get("/me/proof")).headers["location"] == "/digest"


async def test_the_program_is_served_as_it_is(sqlite_site: Site):
    answer = await sqlite_site.browser().get("/digest/linli_verify.py")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == PROGRAM


async def test_who_closes_her_account_leaves_no_salt(played: Play):
    her = played.cast.zhang_wei
    await close_account(actor_id=her, person_id=her, now=clock.now() + timedelta(seconds=1))
    kept = await run("SELECT salt FROM seal_salt WHERE subject = 'person' AND subject_id = {}", her)
    assert kept == []
