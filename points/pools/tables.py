"""Who shares a pool, who gave to the commons, and what two people decided to grant."""

from piccolo.columns import BigInt, BigSerial, ForeignKey, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from points.community.tables import Area, Household, Person
from points.ledger.tables import Book, Posting

RESTRICT = OnDelete.restrict


class PoolMember(Table, tablename="pool_member"):
    """A person who opted in to the pool of her household, until she leaves."""

    id = BigSerial(primary_key=True)
    household_id = ForeignKey(Household, on_delete=RESTRICT, null=False)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    joined_at = Timestamptz()
    left_at = Timestamptz(null=True)


class Donation(Table):
    """Points given to the commons, perhaps with a wish for whom.  Append-only."""

    id = BigSerial(primary_key=True)
    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    posting_id = ForeignKey(Posting, on_delete=RESTRICT, null=False)
    points = BigInt()
    wish = Varchar(length=120, default="")
    donated_at = Timestamptz()


class PoolDecision(Table, tablename="pool_decision"):
    """Points that one person proposed to grant and another approved."""

    id = BigSerial(primary_key=True)
    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    kind = Varchar(length=16)
    person_id = ForeignKey(Person, on_delete=RESTRICT)
    area_id = ForeignKey(Area, on_delete=RESTRICT)
    donation_id = ForeignKey(Donation, on_delete=RESTRICT)
    points = BigInt()
    reason = Varchar(length=200)
    proposed_by = ForeignKey(Person, on_delete=RESTRICT, null=False)
    proposed_at = Timestamptz()
    state = Varchar(length=16, default="proposed")
    decided_by = ForeignKey(Person, on_delete=RESTRICT)
    decided_at = Timestamptz(null=True)
    refusal = Varchar(length=200, default="")
