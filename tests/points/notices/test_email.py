"""Letters go only where somebody proved that the mailbox is hers."""

from datetime import timedelta

import pytest

from points.community.access.errors import TooManyAttempts
from points.community.people import close_account
from points.notices.email import (
    CODES_FREE,
    TRIES_FREE,
    Email,
    confirm_email,
    due_emails,
    email_of,
    mark_failed,
    mark_sent,
    remove_email,
    set_email,
)
from points.notices.errors import BadEmail, NoEmail, WrongEmailCode
from points.notices.post import notify
from points.notices.rules import RETRIES, email_address
from points.transactions import run
from tests.cast import FOUNDED, Cast, cast

pytestmark = pytest.mark.anyio
NOW = FOUNDED + timedelta(days=30)
ADDRESS = "Wang.Fang+linli@example.org"


@pytest.fixture
async def people(engine: object) -> Cast:
    return await cast()


async def confirmed(person_id: int, address: str = ADDRESS) -> None:
    _, code = await set_email(person_id=person_id, address=address, now=NOW)
    await confirm_email(person_id=person_id, code=f" {code[:4].lower()}-{code[4:]}", now=NOW)


async def tell(person_id: int) -> None:
    await notify(
        person_ids=[person_id], kind="points_expired", facts={"points": 3}, path="/points", now=NOW
    )


async def due(after: timedelta = timedelta(0)) -> list[str]:
    return [letter.address for letter in await due_emails(now=NOW + after)]


async def test_a_letter_waits_once_the_address_is_proved(people: Cast) -> None:
    await set_email(person_id=people.wang_fang, address=ADDRESS, now=NOW)
    await tell(people.wang_fang)
    assert await due() == []
    await confirmed(people.wang_fang)
    await tell(people.wang_fang)
    await tell(people.he_min)
    [letter] = await due_emails(now=NOW)
    assert (letter.address, letter.language, letter.facts) == (ADDRESS, "zh", {"points": 3})
    await mark_sent(notice_id=letter.notice_id, now=NOW)
    assert await due(timedelta(days=9)) == []


async def test_a_wrong_code_proves_nothing(people: Cast) -> None:
    with pytest.raises(NoEmail):
        await confirm_email(person_id=people.wang_fang, code="22222222", now=NOW)
    _, code = await set_email(person_id=people.he_min, address=ADDRESS, now=NOW)
    await set_email(person_id=people.wang_fang, address=ADDRESS, now=NOW)
    # The code of another person for the same mailbox is not hers.
    for wrong in (code, "", "ÄÖÜ", code[:-1]):
        with pytest.raises(WrongEmailCode):
            await confirm_email(person_id=people.wang_fang, code=wrong, now=NOW)
    assert await email_of(people.wang_fang) == Email(ADDRESS, confirmed=False)


async def test_another_address_has_to_be_proved_anew(people: Cast) -> None:
    await confirmed(people.wang_fang)
    await set_email(person_id=people.wang_fang, address=ADDRESS, now=NOW)
    assert await email_of(people.wang_fang) == Email(ADDRESS, confirmed=True)
    await tell(people.wang_fang)
    await set_email(person_id=people.wang_fang, address="other@example.org", now=NOW)
    assert await email_of(people.wang_fang) == Email("other@example.org", confirmed=False)
    assert await due() == []


async def test_who_takes_it_back_gets_no_more(people: Cast) -> None:
    await confirmed(people.wang_fang)
    await tell(people.wang_fang)
    await remove_email(person_id=people.wang_fang)
    assert await due() == []
    assert await email_of(people.wang_fang) is None


async def test_closing_the_account_forgets_the_address(people: Cast) -> None:
    await confirmed(people.he_min)
    await tell(people.he_min)
    await close_account(actor_id=people.he_min, person_id=people.he_min, now=NOW)
    assert await email_of(people.he_min) is None
    assert await due() == []


async def test_nobody_floods_a_mailbox_or_guesses_a_code(people: Cast) -> None:
    for _ in range(CODES_FREE):
        await set_email(person_id=people.wang_fang, address=ADDRESS, now=NOW)
    with pytest.raises(TooManyAttempts):
        await set_email(person_id=people.wang_fang, address=ADDRESS, now=NOW)
    for _ in range(TRIES_FREE):
        with pytest.raises(WrongEmailCode):
            await confirm_email(person_id=people.wang_fang, code="22222222", now=NOW)
    with pytest.raises(TooManyAttempts):
        await confirm_email(person_id=people.wang_fang, code="22222222", now=NOW)


async def test_a_failed_letter_is_tried_again_and_at_last_left(people: Cast) -> None:
    await confirmed(people.wang_fang)
    await tell(people.wang_fang)
    [letter] = await due_emails(now=NOW)
    now = NOW
    for wait in RETRIES:
        await mark_failed(notice_id=letter.notice_id, now=now)
        assert await due_emails(now=now + wait - timedelta(seconds=1)) == ()
        now += wait
        assert len(await due_emails(now=now)) == 1
    await mark_failed(notice_id=letter.notice_id, now=now)
    assert await due_emails(now=now + timedelta(days=400)) == ()
    [row] = await run("SELECT email_state FROM notice")
    assert row["email_state"] == "failed"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "wang",
        "wang@",
        "@example.org",
        "wang@localhost",
        "wang fang@example.org",
        "wang@example.org\nBcc: all@example.org",
        "wang@example.org,li@example.org",
        "王芳@example.org",
        f"{'w' * 65}@example.org",
        f"w@{'a.' * 100}org",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadEmail):
        email_address(address)


def test_a_domain_is_kept_in_small_letters() -> None:
    assert email_address(" Wang@Example.ORG ") == "Wang@example.org"
