"""Contact through the site: nobody learns a number, and whoever writes is named to the reader."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from points.community import areas
from points.community.grants import covers, holders
from points.community.guardians import guardians_of
from points.community.people import locked_person
from points.community.reads import log_reads
from points.community.roles import STEWARD
from points.community.rules import ID_MAX, clean_text, row_number
from points.notices.post import notify
from points.transactions import run, use_case, whole
from talentmap.talents.contact_rules import names_contact
from talentmap.talents.couriers import couriers_of
from talentmap.talents.errors import (
    ContactInText,
    MessageMissing,
    MessageToSelf,
    NoSuchMessage,
    TooManyMessages,
)
from talentmap.talents.listing import audiences_of
from talentmap.talents.search import talent

TEXT_LENGTH_MAX: Final = 500
# New talks that somebody may begin in a day, and answers she may give.
FIRST_A_DAY: Final = 5
ANSWERS_A_DAY: Final = 30
SHOWN_MAX: Final = 50
PAGE_MAX: Final = 100
DAY: Final = timedelta(days=1)
REPORTED: Final = "talent_message"


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as its reader sees it: a talent goes by her nickname, whoever wrote by her name."""

    id: int
    talent_id: int
    from_name: str
    to_name: str
    is_mine: bool
    text: str
    sent_at: datetime
    reported: bool
    may_answer: bool
    may_report: bool
    # The name of whom to bring it to, for the one who reads it in order to pass it on by hand.
    bring_to: str = ""


@use_case
async def send(*, sender_id: int, talent_id: int, text: str, now: datetime) -> int:
    """Write to a talent whom one may see; she is told who wrote."""
    sender = await locked_person(sender_id)
    if sender_id == talent_id:
        raise MessageToSelf
    await talent(person_id=talent_id, audiences=await audiences_of(sender_id))
    receiver = await locked_person(talent_id)
    await _check_count(sender_id, first=True, most=FIRST_A_DAY, now=now)
    return await _put(sender, receiver, talent_id, None, text, now)


@use_case
async def answer(*, sender_id: int, message_id: int, text: str, now: datetime) -> int:
    """Write back to whoever wrote."""
    sender = await locked_person(sender_id)
    asked = await _row(message_id)
    if asked["receiver_id"] != sender_id or asked["reported_at"] is not None:
        raise NoSuchMessage
    receiver = await locked_person(asked["sender_id"])
    await _check_count(sender_id, first=False, most=ANSWERS_A_DAY, now=now)
    return await _put(sender, receiver, asked["talent_id"], message_id, text, now)


async def _check_count(sender_id: int, *, first: bool, most: int, now: datetime) -> None:
    missing = "IS NULL" if first else "IS NOT NULL"
    [sent] = await run(
        "SELECT COUNT(*) AS count FROM talent_message "
        f"WHERE sender_id = {{}} AND sent_at > {{}} AND answers_id {missing}",
        *(sender_id, (now - DAY).astimezone(UTC)),
    )
    if sent["count"] >= most:
        raise TooManyMessages(limit=most)


async def _put(
    sender: dict[str, Any],
    receiver: dict[str, Any],
    talent_id: int,
    answers_id: int | None,
    text: str,
    now: datetime,
) -> int:
    # Whoever reported somebody hears no more of her.
    if await run(
        "SELECT id FROM talent_message WHERE sender_id = {} AND receiver_id = {} "
        "AND reported_at IS NOT NULL",
        *(sender["id"], receiver["id"]),
    ):
        raise NoSuchMessage
    [row] = await run(
        "INSERT INTO talent_message (sender_id, receiver_id, talent_id, answers_id, text, sent_at) "
        "VALUES ({}, {}, {}, {}, {}, {}) RETURNING id",
        *(sender["id"], receiver["id"], talent_id, answers_id, _checked(text)),
        now.astimezone(UTC),
    )
    message_id = int(row["id"])
    await _tell(sender, receiver, talent_id, message_id, now)
    return message_id


def _checked(text: str) -> str:
    plain = clean_text(text)
    if not 0 < len(plain) <= TEXT_LENGTH_MAX:
        raise MessageMissing(field="text", limit=TEXT_LENGTH_MAX)
    if names_contact(plain):
        raise ContactInText(field="text")
    return plain


async def _tell(
    sender: dict[str, Any], receiver: dict[str, Any], talent_id: int, message_id: int, now: datetime
) -> None:
    """Tell the receiver, and whoever answers for her."""
    name = await _nickname(talent_id) if sender["id"] == talent_id else sender["name"]
    path = f"/talents/messages/{message_id}"
    await notify(
        person_ids=[receiver["id"]], kind="talent_message", facts={"name": name}, path=path, now=now
    )
    today = await areas.day_in(receiver["area_id"], now)
    guardians = [one.person_id for one in await guardians_of(receiver["id"], today)]
    by_hand = set(await couriers_of(receiver, today)) if receiver["id"] == talent_id else set()
    facts = {"name": name, "child": receiver["name"]}
    await notify(
        person_ids=guardians,
        kind="talent_message_to_child",
        facts=facts,
        path=path if by_hand else "/notices",
        now=now,
    )
    await notify(
        person_ids=sorted(by_hand - {*guardians, sender["id"]}),
        kind="talent_message_to_bring",
        facts={"name": name, "neighbour": receiver["name"]},
        path=path,
        now=now,
    )


@use_case
async def report(*, reader_id: int, message_id: int, now: datetime) -> None:
    """Have the stewards look at a message; its sender cannot write to one any more."""
    reader = await locked_person(reader_id)
    row = await _row(message_id)
    if row["receiver_id"] != reader_id:
        raise NoSuchMessage
    if row["reported_at"] is not None:
        return
    await run(
        "UPDATE talent_message SET reported_at = {} WHERE id = {}", now.astimezone(UTC), message_id
    )
    today = await areas.day_in(reader["area_id"], now)
    stewards = await holders(roles=STEWARD, area_id=reader["area_id"], today=today)
    await notify(
        person_ids=[one.person_id for one in stewards if one.person_id != row["sender_id"]],
        kind="talent_message_reported",
        facts={},
        path=f"/talents/messages/{message_id}",
        now=now,
    )


@use_case
@whole
async def conversation(
    *, reader_id: int, message_id: int, now: datetime
) -> tuple[MessageView, ...]:
    """A message with what went before and after between the two, newest first.

    A steward reads the reported one alone, and so does who brings it by hand to a talent without
    an account; either is noted for both.
    """
    row = await _row(message_id)
    if reader_id not in (row["sender_id"], row["receiver_id"]):
        return await _read_by_another(reader_id, row, now)
    rows = await run(
        "SELECT * FROM talent_message WHERE talent_id = {} AND ((sender_id = {} AND "
        f"receiver_id = {{}}) OR (sender_id = {{}} AND receiver_id = {{}})) "
        f"ORDER BY id DESC LIMIT {SHOWN_MAX}",
        *(row["talent_id"], row["sender_id"], row["receiver_id"]),
        *(row["receiver_id"], row["sender_id"]),
    )
    return await _views(reader_id, rows)


async def _read_by_another(
    reader_id: int, row: dict[str, Any], now: datetime
) -> tuple[MessageView, ...]:
    [receiver] = await run("SELECT * FROM person WHERE id = {}", row["receiver_id"])
    today = await areas.day_in(receiver["area_id"], now)
    brings = row["receiver_id"] == row["talent_id"] and reader_id in await couriers_of(
        receiver, today
    )
    if not brings:
        await _check_steward(reader_id, row, receiver, today)
    both, what = (row["sender_id"], row["receiver_id"]), "talent_brought" if brings else REPORTED
    await log_reads(actor_id=reader_id, person_ids=both, what=what, now=now)
    [view] = await _views(reader_id, [row])
    return (replace(view, bring_to=receiver["name"] if brings else ""),)


async def _check_steward(
    reader_id: int, row: dict[str, Any], receiver: dict[str, Any], today: date
) -> None:
    may = await covers(person_id=reader_id, roles=STEWARD, area_id=receiver["area_id"], today=today)
    if row["reported_at"] is None or not may:
        raise NoSuchMessage


async def messages_of(
    person_id: int, *, before_id: int | None = None, limit: int = SHOWN_MAX
) -> tuple[MessageView, ...]:
    """What one wrote and was written, newest first."""
    rows = await run(
        "SELECT * FROM talent_message WHERE (sender_id = {} OR receiver_id = {}) AND id < {} "
        f"ORDER BY id DESC LIMIT {max(1, min(limit, PAGE_MAX))}",
        *(person_id, person_id, min(before_id or ID_MAX, ID_MAX)),
    )
    return await _views(person_id, rows)


async def _row(message_id: int) -> dict[str, Any]:
    rows = await run("SELECT * FROM talent_message WHERE id = {}", row_number(message_id))
    if not rows:
        raise NoSuchMessage
    return rows[0]


async def _nickname(talent_id: int) -> str:
    rows = await run("SELECT nickname FROM talent_profile WHERE person_id = {}", talent_id)
    return str(rows[0]["nickname"])


async def _views(reader_id: int, rows: Sequence[dict[str, Any]]) -> tuple[MessageView, ...]:
    people = sorted({row[side] for row in rows for side in ("sender_id", "receiver_id")})
    if not people:
        return ()
    named = await run(
        "SELECT p.id, p.name, t.nickname FROM person p "
        "LEFT JOIN talent_profile t ON t.person_id = p.id "
        f"WHERE p.id IN ({', '.join(['{}'] * len(people))})",
        *people,
    )
    known = {row["id"]: row for row in named}

    def name(person_id: int, talent_id: int) -> str:
        return str(known[person_id]["nickname" if person_id == talent_id else "name"])

    return tuple(
        MessageView(
            id=row["id"],
            talent_id=row["talent_id"],
            from_name=name(row["sender_id"], row["talent_id"]),
            to_name=name(row["receiver_id"], row["talent_id"]),
            is_mine=row["sender_id"] == reader_id,
            text=row["text"],
            sent_at=row["sent_at"],
            reported=row["reported_at"] is not None,
            may_answer=row["receiver_id"] == reader_id and row["reported_at"] is None,
            may_report=row["receiver_id"] == reader_id and row["reported_at"] is None,
        )
        for row in rows
    )
