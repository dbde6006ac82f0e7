"""Seals and salts.  Only points.ledger writes these tables."""

from piccolo.columns import BigInt, BigSerial, Bytea, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from points.ledger.tables import Book, Posting

RESTRICT = OnDelete.restrict


class Seal(Table):
    """A Merkle root over transfers, chained to the seal before it.  Append-only."""

    id = BigSerial(primary_key=True)
    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    number = Integer()
    first_posting_id = ForeignKey(Posting, on_delete=RESTRICT, null=False)
    last_posting_id = ForeignKey(Posting, on_delete=RESTRICT, null=False)
    postings = Integer()
    transfers = Integer()
    root = Varchar(length=64)
    previous = Varchar(length=64)
    hash = Varchar(length=64)
    issued = BigInt()
    redeemed = BigInt()
    minutes = BigInt()
    sealed_at = Timestamptz()
    leaves = Bytea()


class SealSalt(Table):
    """The secret that opens the commitments of a person or an account; goes when she is erased."""

    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    subject = Varchar(length=8)
    subject_id = BigInt()
    salt = Varchar(length=64)


class SealRemains(Table):
    """A commitment whose salt is gone: nobody can open it, and the seals still add up."""

    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    subject = Varchar(length=8)
    subject_id = BigInt()
    commitment = Varchar(length=64)
