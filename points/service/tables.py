"""What people did, and by which policy it earned points."""

from piccolo.columns import (
    BigInt,
    BigSerial,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from points.community.tables import Area, Person
from points.ledger.tables import Book

RESTRICT = OnDelete.restrict


class PolicyVersion(Table, tablename="policy_version"):
    """The points policy of a book from a first of a month on, with its adoption.  Append-only."""

    id = BigSerial(primary_key=True)
    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    number = Integer()
    effective_from = Date()
    terms = Text()
    adopted_on = Date()
    adopted_by_body = Varchar(length=120)
    votes_for = Integer()
    votes_against = Integer()
    votes_abstained = Integer()
    recorded_by = ForeignKey(Person, on_delete=RESTRICT)
    recorded_at = Timestamptz()


class Occasion(Table):
    """What, where, when and under whom people serve."""

    id = BigSerial(primary_key=True)
    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    area_id = ForeignKey(Area, on_delete=RESTRICT, null=False)
    title = Varchar(length=120)
    category = Varchar(length=32)
    activity_class = Varchar(length=16)
    place = Varchar(length=200)
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    leader_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    created_by = ForeignKey(Person, on_delete=RESTRICT, null=False)
    created_at = Timestamptz()
    import_key = Varchar(length=64, null=True)
    cancelled_at = Timestamptz(null=True)


class ServiceRecord(Table, tablename="service_record"):
    """The minutes one person served on one occasion."""

    id = BigSerial(primary_key=True)
    occasion_id = ForeignKey(Occasion, on_delete=RESTRICT, null=False)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    started_at = Timestamptz()
    service_date = Date()
    minutes = Integer()
    source = Varchar(length=16)
    backfilled = Boolean(default=False)
    needs_steward = Boolean(default=False)
    note = Varchar(length=500)
    logged_by = ForeignKey(Person, on_delete=RESTRICT, null=False)
    logged_at = Timestamptz()
    state = Varchar(length=16)
    policy_version_id = ForeignKey(PolicyVersion, on_delete=RESTRICT)
    exact = BigInt(default=0)
    decided_by = ForeignKey(Person, on_delete=RESTRICT)
    decided_at = Timestamptz(null=True)
    decision_reason = Varchar(length=300)
    voided_by = ForeignKey(Person, on_delete=RESTRICT)
    voided_at = Timestamptz(null=True)
    void_reason = Varchar(length=300)


class Earning(Table):
    """What a person earned exactly (1/6000 point) in a day, month, year, and in all."""

    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    period = Varchar(length=8)
    starts_on = Date()
    exact = BigInt()
    awarded = BigInt(default=0)
