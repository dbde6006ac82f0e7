"""Activities that gather a crowd, who signed up, and points pledged towards materials."""

from typing import Any

from piccolo.columns import (
    BigInt,
    BigSerial,
    Boolean,
    DoublePrecision,
    ForeignKey,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from points.community.tables import Area, Person
from points.ledger.tables import Book
from points.service.tables import Occasion

RESTRICT = OnDelete.restrict


class Activity(Table):
    """Something neighbours do together, if enough of them want to."""

    id = BigSerial(primary_key=True)
    book_id = ForeignKey(Book, on_delete=RESTRICT)
    area_id = ForeignKey(Area, on_delete=RESTRICT, null=False)
    title = Varchar(length=120)
    summary = Varchar(length=2000)
    category = Varchar(length=32)
    activity_class = Varchar(length=16)
    place = Varchar(length=200)
    lat = DoublePrecision(null=True)
    lon = DoublePrecision(null=True)
    starts_at = Timestamptz(null=True)
    ends_at = Timestamptz(null=True)
    deadline_at = Timestamptz(null=True)
    minimum = Integer()
    capacity = Integer()
    risk = Varchar(length=300)
    risky = Boolean()
    insured = Boolean()
    to_bring = Varchar(length=300)
    talent_id = ForeignKey(Person, on_delete=RESTRICT)
    proposer_id = ForeignKey(Person, on_delete=RESTRICT)
    created_at = Timestamptz()
    state = Varchar(length=16)
    confirmed_at = Timestamptz(null=True)
    confirmed_times = Integer(default=0)
    reminded_at = Timestamptz(null=True)
    roll_asked_at = Timestamptz(null=True)
    closed_at = Timestamptz(null=True)
    closed_by = ForeignKey(Person, on_delete=RESTRICT)
    close_reason = Varchar(length=300)
    seats_taken = Integer(default=0)
    queue_last = BigInt(default=0)
    occasion_id = ForeignKey(Occasion, on_delete=RESTRICT)
    pledge_item_id = BigInt(null=True)
    pledge_quantity = Integer(null=True)
    pledge_goal = Integer(null=True)
    copied_from_id: ForeignKey[Any] = ForeignKey("self", on_delete=RESTRICT)
    import_key = Varchar(length=64, null=True)
    talent_nickname = Varchar(length=40, null=True)


class Signup(Table):
    """A party under one name: in, waiting in the order of ``queue_no``, or withdrawn."""

    id = BigSerial(primary_key=True)
    activity_id = ForeignKey(Activity, on_delete=RESTRICT, null=False)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    party_size = Integer()
    guardian_id = ForeignKey(Person, on_delete=RESTRICT)
    signed_by = ForeignKey(Person, on_delete=RESTRICT, null=False)
    state = Varchar(length=16)
    queue_no = BigInt()
    signed_up_at = Timestamptz()
    moved_up_at = Timestamptz(null=True)
    withdrawn_at = Timestamptz(null=True)
    withdrawn_by = ForeignKey(Person, on_delete=RESTRICT)
    attendance = Varchar(length=16, null=True)


class Pledge(Table):
    """Points of one person held for an item of the catalogue that the activity needs."""

    id = BigSerial(primary_key=True)
    activity_id = ForeignKey(Activity, on_delete=RESTRICT, null=False)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    points = Integer()
    item_id = BigInt()
    state = Varchar(length=16)
    pledged_at = Timestamptz()
    closed_at = Timestamptz(null=True)
