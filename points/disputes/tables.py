"""Objections to records of service, and appeals of those whom a decision took something from."""

from piccolo.columns import BigSerial, ForeignKey, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from points.community.tables import Person
from points.ledger.tables import Book, Posting
from points.service.tables import ServiceRecord

RESTRICT = OnDelete.restrict


class Dispute(Table):
    """One objection or appeal and its way to an end."""

    id = BigSerial(primary_key=True)
    book_id = ForeignKey(Book, on_delete=RESTRICT, null=False)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    service_record_id = ForeignKey(ServiceRecord, on_delete=RESTRICT, null=False)
    posting_id = ForeignKey(Posting, on_delete=RESTRICT)
    kind = Varchar(length=16)
    raised_by = ForeignKey(Person, on_delete=RESTRICT, null=False)
    reason = Varchar(length=300)
    raised_at = Timestamptz()
    answer_by = Timestamptz()
    state = Varchar(length=16, default="open")
    answer = Varchar(length=16, null=True)
    answered_by = ForeignKey(Person, on_delete=RESTRICT)
    answered_at = Timestamptz(null=True)
    answer_reason = Varchar(length=300, default="")
    review_until = Timestamptz(null=True)
    review_asked_by = ForeignKey(Person, on_delete=RESTRICT)
    review_reason = Varchar(length=300, default="")
    review_by = Timestamptz(null=True)
    escalated_at = Timestamptz(null=True)
    closed_at = Timestamptz(null=True)


class DisputeVote(Table, tablename="dispute_vote"):
    """What one of three says in the second review.  Append-only."""

    dispute_id = ForeignKey(Dispute, on_delete=RESTRICT, null=False)
    member_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    choice = Varchar(length=16)
    reason = Varchar(length=300)
    voted_at = Timestamptz()
