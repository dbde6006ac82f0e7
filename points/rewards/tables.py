"""Catalogue, stock, requests and votes."""

from piccolo.columns import BigSerial, Bytea, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from points.community.tables import Person
from points.ledger.tables import Book

RESTRICT = OnDelete.restrict


class RewardItem(Table, tablename="reward_item"):
    """Something points can be spent on: drafted by one person, adopted by another."""

    id = BigSerial(primary_key=True)
    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    name = Varchar(length=80)
    kind = Varchar(length=16)
    description = Varchar(length=500)
    price = Integer()
    sponsor = Varchar(length=80)
    icon = Varchar(length=32, default="gift")
    audience = Varchar(length=16, default="all")
    monthly_limit = Integer(default=2)
    state = Varchar(length=16, default="draft")
    drafted_by = ForeignKey(Person, on_delete=RESTRICT, null=False)
    drafted_at = Timestamptz()
    adopted_by = ForeignKey(Person, on_delete=RESTRICT)
    adopted_at = Timestamptz(null=True)
    retired_at = Timestamptz(null=True)


class ItemPhoto(Table, tablename="item_photo"):
    """What an item looks like."""

    item_id = ForeignKey(RewardItem, on_delete=RESTRICT, primary_key=True)
    media_type = Varchar(length=32)
    content = Bytea()
    digest = Varchar(length=64)


class Stock(Table):
    """Where the pieces of an item are; the sums of its moves."""

    item_id = ForeignKey(RewardItem, on_delete=RESTRICT, primary_key=True)
    received = Integer(default=0)
    in_store = Integer(default=0)
    reserved = Integer(default=0)
    handed_out = Integer(default=0)
    lost = Integer(default=0)


class Redemption(Table):
    """A request for one piece of an item, from asking to handing over."""

    id = BigSerial(primary_key=True)
    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    item_id = ForeignKey(RewardItem, on_delete=RESTRICT, null=False)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    requested_by = ForeignKey(Person, on_delete=RESTRICT, null=False)
    item_name = Varchar(length=80)
    price = Integer()
    quorum = Integer()
    state = Varchar(length=16, default="requested")
    requested_at = Timestamptz()
    decide_by = Timestamptz()
    escalated_at = Timestamptz(null=True)
    decided_at = Timestamptz(null=True)
    cancelled_by = ForeignKey(Person, on_delete=RESTRICT)
    pickup_digest = Varchar(length=64, null=True)
    collect_by = Timestamptz(null=True)
    closed_at = Timestamptz(null=True)
    handed_over_by = ForeignKey(Person, on_delete=RESTRICT)
    handed_over_at = Timestamptz(null=True)
    collected_by = Varchar(length=80)
    returned_by = ForeignKey(Person, on_delete=RESTRICT)
    close_reason = Varchar(length=300)


class RedemptionInvolved(Table, tablename="redemption_involved"):
    """Who has a stake in a request, as it was when it was made."""

    redemption_id = ForeignKey(Redemption, on_delete=RESTRICT, null=False)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    stake = Varchar(length=16)


class CommitteeVote(Table, tablename="committee_vote"):
    """What a member or a stand-in said to a request.  Append-only."""

    id = BigSerial(primary_key=True)
    redemption_id = ForeignKey(Redemption, on_delete=RESTRICT, null=False)
    member_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    choice = Varchar(length=16)
    reason = Varchar(length=300)
    voted_at = Timestamptz()


class StandIn(Table, tablename="stand_in"):
    """Who votes in place of members who may not.  Append-only."""

    redemption_id = ForeignKey(Redemption, on_delete=RESTRICT, null=False)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    appointed_by = ForeignKey(Person, on_delete=RESTRICT, null=False)
    appointed_at = Timestamptz()


class StockMove(Table, tablename="stock_move"):
    """Pieces of an item received, reserved, handed out, taken back or lost.  Append-only."""

    id = BigSerial(primary_key=True)
    item_id = ForeignKey(RewardItem, on_delete=RESTRICT, null=False)
    kind = Varchar(length=16)
    quantity = Integer()
    redemption_id = ForeignKey(Redemption, on_delete=RESTRICT)
    reason = Varchar(length=200)
    actor_id = ForeignKey(Person, on_delete=RESTRICT)
    moved_at = Timestamptz()
