"""The outbox of notices, and where e-mail goes."""

from piccolo.columns import BigInt, BigSerial, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from points.community.tables import Person

RESTRICT = OnDelete.restrict


class Notice(Table):
    """One thing one person is told.  The sentence is made from kind and facts when it is read."""

    id = BigSerial(primary_key=True)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    kind = Varchar(length=32)
    facts = Text()
    path = Varchar(length=200)
    dedup_key = Varchar(length=120, null=True)
    created_at = Timestamptz()
    read_at = Timestamptz(null=True)
    email_state = Varchar(length=8, default="none")
    email_tries = Integer(default=0)
    email_at = Timestamptz(null=True)


class EmailAddress(Table, tablename="email_address"):
    """Where a person's notices go as e-mail, once she has shown that it is hers."""

    person_id = ForeignKey(Person, on_delete=RESTRICT, primary_key=True)
    address = Varchar(length=200)
    confirmed_at = Timestamptz(null=True)


class JobLease(Table, tablename="job_lease"):
    """Who does a periodic job, until when, and the last slot that was claimed."""

    name = Varchar(length=32, primary_key=True)
    owner = Varchar(length=64)
    until = Timestamptz()
    last_slot = BigInt()
