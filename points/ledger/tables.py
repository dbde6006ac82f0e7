"""The books.  Only points.ledger writes these tables."""

from typing import Any

from piccolo.columns import (
    BigInt,
    BigSerial,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from points.community.tables import Area, Person

RESTRICT = OnDelete.restrict


class Book(Table):
    """The books of the area whose committee adopted a points policy."""

    id = BigSerial(primary_key=True)
    area_id = ForeignKey(Area, on_delete=RESTRICT, null=False)
    opened_at = Timestamptz()


class Account(Table):
    """Where points or minutes stand.  Untracked accounts (issuer, redeemed) keep no balance."""

    id = BigSerial(primary_key=True)
    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    kind = Varchar(length=16)
    owner_id = BigInt(default=0)
    person_id = ForeignKey(Person, on_delete=RESTRICT)
    unit = Varchar(length=8)
    tracked = Boolean(default=True)
    balance = BigInt(default=0)
    sequence = BigInt(default=0)


class Holding(Table):
    """Points of one vintage in one account."""

    account_id = ForeignKey(Account, on_delete=RESTRICT, null=False)
    vintage = Date()
    points = BigInt()
    grace_until = Date(null=True)


class Route(Table):
    """A move that is allowed at all: posting kind, unit, class of source and target."""

    id = SmallInt(primary_key=True)
    kind = Varchar(length=16)
    unit = Varchar(length=8)
    source_kind = Varchar(length=16)
    target_kind = Varchar(length=16)


class Posting(Table):
    """One event of the books: a reference, a reason, and 1..n transfers.  Append-only."""

    id = BigSerial(primary_key=True)
    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    reference = Varchar(length=120)
    request_hash = Varchar(length=64)
    kind = Varchar(length=16)
    reason = Varchar(length=300)
    details = Text(null=True)
    actor_id = ForeignKey(Person, on_delete=RESTRICT)
    happened_at = Timestamptz()
    recorded_at = Timestamptz()
    reverses_id: ForeignKey[Any] = ForeignKey("self", on_delete=RESTRICT)
    service_record_id = BigInt(null=True)


class Transfer(Table):
    """A positive amount from one account to another.  Append-only."""

    id = BigSerial(primary_key=True)
    posting_id = ForeignKey(Posting, on_delete=RESTRICT, null=False)
    line = Integer()
    route_id = ForeignKey(Route, on_delete=RESTRICT, null=False)
    source_id = ForeignKey(Account, on_delete=RESTRICT, null=False)
    target_id = ForeignKey(Account, on_delete=RESTRICT, null=False)
    vintage = Date(null=True)
    amount = BigInt()
    source_sequence = BigInt(null=True)
    source_balance = BigInt(null=True)
    target_sequence = BigInt(null=True)
    target_balance = BigInt(null=True)


class Refusal(Table):
    """The answer to a reference that was refused, so that it is answered the same again."""

    reference = Varchar(length=120, primary_key=True)
    request_hash = Varchar(length=64)
    code = Varchar(length=60)
    facts = Text()
    refused_at = Timestamptz()


class PoolShare(Table, tablename="pool_share"):
    """Whose points came into the pool of a household or went out of it.  Append-only."""

    id = BigSerial(primary_key=True)
    account_id = ForeignKey(Account, on_delete=RESTRICT, null=False)
    reference = Varchar(length=120)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    vintage = Date()
    amount = BigInt()
