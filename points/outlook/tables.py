"""Sums that a job reckons, and promises that people write down."""

from piccolo.columns import BigInt, BigSerial, Date, ForeignKey, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from points.community.tables import Person
from points.ledger.tables import Book

RESTRICT = OnDelete.restrict


class OutlookMark(Table, tablename="outlook_mark"):
    """The last posting of a day."""

    day = Date(primary_key=True)
    posting_id = BigInt()


class BookDay(Table, tablename="book_day"):
    """How many points went which way in a book on a day."""

    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    day = Date()
    flow = Varchar(length=16)
    points = BigInt()


class BookAlive(Table, tablename="book_alive"):
    """How many points of a vintage were alive when it was last reckoned."""

    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    vintage = Date()
    points = BigInt()
    reckoned_at = Timestamptz()


class SponsorPledge(Table, tablename="sponsor_pledge"):
    """Goods that somebody promised, by what they are worth in points."""

    id = BigSerial(primary_key=True)
    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    sponsor = Varchar(length=80)
    points = BigInt()
    due_on = Date()
    note = Varchar(length=200)
    recorded_by = ForeignKey(Person, on_delete=RESTRICT, null=False)
    recorded_at = Timestamptz()
    closed_by = ForeignKey(Person, on_delete=RESTRICT)
    closed_at = Timestamptz(null=True)
