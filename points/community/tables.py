"""Who belongs: areas, people, roles, consents, and how they come in."""

from typing import Any

from piccolo.columns import (
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

RESTRICT = OnDelete.restrict


class Area(Table):
    """A node of the tree 街道 > 居委 > 小区 > 楼栋 > 楼道, of any depth."""

    id = BigSerial(primary_key=True)
    parent_id: ForeignKey[Any] = ForeignKey("self", on_delete=RESTRICT)
    level = Varchar(length=24)
    name = Varchar(length=120)
    code = Varchar(length=64, null=True)
    time_zone = Varchar(length=64, null=True)
    created_at = Timestamptz()


class AreaAncestor(Table, tablename="area_ancestor"):
    """Closure of the tree: every area with each of its ancestors and itself (depth 0)."""

    area_id = ForeignKey(Area, on_delete=RESTRICT)
    ancestor_id = ForeignKey(Area, on_delete=RESTRICT)
    depth = Integer()


class Household(Table):
    """People behind one door.  The door itself is known only as a keyed digest."""

    id = BigSerial(primary_key=True)
    area_id = ForeignKey(Area, on_delete=RESTRICT, null=False)
    door_digest = Varchar(length=64, null=True)


class Person(Table):
    """A resident.  ``closed_at`` ends the account; the books keep the number."""

    id = BigSerial(primary_key=True)
    name = Varchar(length=80)
    birth_date = Date(null=True)
    phone = Varchar(length=20, null=True)
    card_no = Varchar(length=32, null=True)
    volunteer_no = Varchar(length=20)
    area_id = ForeignKey(Area, on_delete=RESTRICT, null=False)
    household_id = ForeignKey(Household, on_delete=RESTRICT)
    language = Varchar(length=8, default="zh")
    elder_mode = Boolean(default=False)
    joined_at = Timestamptz()
    closed_at = Timestamptz(null=True)


class Guardian(Table):
    """Who answers for a child."""

    child_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    guardian_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    since = Date()
    until = Date(null=True)
    recorded_by = ForeignKey(Person, on_delete=RESTRICT)


class RoleGrant(Table, tablename="role_grant"):
    """A role of a person in an area for a term, proposed by one and approved by another."""

    id = BigSerial(primary_key=True)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    role = Varchar(length=24)
    area_id = ForeignKey(Area, on_delete=RESTRICT, null=False)
    starts_on = Date()
    ends_on = Date(null=True)
    founding = Boolean(default=False)
    proposed_by = ForeignKey(Person, on_delete=RESTRICT)
    proposed_at = Timestamptz()
    approved_by = ForeignKey(Person, on_delete=RESTRICT)
    approved_at = Timestamptz(null=True)
    revoked_by = ForeignKey(Person, on_delete=RESTRICT)
    revoked_at = Timestamptz(null=True)


class Consent(Table):
    """What a person agreed to, in which wording, until when."""

    id = BigSerial(primary_key=True)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    purpose = Varchar(length=32)
    text_version = Varchar(length=16)
    given_by = ForeignKey(Person, on_delete=RESTRICT, null=False)
    given_at = Timestamptz()
    withdrawn_by = ForeignKey(Person, on_delete=RESTRICT)
    withdrawn_at = Timestamptz(null=True)


class PersonalRead(Table, tablename="personal_read"):
    """Staff looked at somebody's data.  Append-only."""

    id = BigSerial(primary_key=True)
    actor_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    what = Varchar(length=32)
    read_at = Timestamptz()


class ProxyAction(Table, tablename="proxy_action"):
    """Somebody acted for somebody else.  Append-only."""

    id = BigSerial(primary_key=True)
    actor_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    action = Varchar(length=32)
    reason = Varchar(length=200)
    acted_at = Timestamptz()


class Credential(Table):
    """The password of a person, as an argon2id hash."""

    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False, primary_key=True)
    password_hash = Varchar(length=200)
    set_at = Timestamptz()


class OneTimeCode(Table, tablename="one_time_code"):
    """An invitation, or a password reset that a second person has to approve."""

    id = BigSerial(primary_key=True)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    purpose = Varchar(length=16)
    digest = Varchar(length=64)
    issued_by = ForeignKey(Person, on_delete=RESTRICT)
    issued_at = Timestamptz()
    approved_by = ForeignKey(Person, on_delete=RESTRICT)
    approved_at = Timestamptz(null=True)
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True)
    revoked_at = Timestamptz(null=True)


class Session(Table):
    """A signed-in browser; only the digest of its token is kept."""

    id = BigSerial(primary_key=True)
    digest = Varchar(length=64)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    created_at = Timestamptz()
    seen_at = Timestamptz()
    expires_at = Timestamptz()
    revoked_at = Timestamptz(null=True)
    device = Varchar(length=120)


class ApiToken(Table, tablename="api_token"):
    """A personal bearer token; only its digest is kept."""

    id = BigSerial(primary_key=True)
    digest = Varchar(length=64)
    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    label = Varchar(length=60)
    scopes = Varchar(length=200)
    created_at = Timestamptz()
    used_at = Timestamptz(null=True)
    expires_at = Timestamptz()
    revoked_at = Timestamptz(null=True)


class Throttle(Table):
    """Failed sign-ins of one account or one address within a window."""

    key = Varchar(length=120, primary_key=True)
    failures = Integer()
    window_started_at = Timestamptz()
    blocked_until = Timestamptz(null=True)


class Request(Table):
    """The first answer to a form, kept 30 days."""

    actor_key = Varchar(length=40)
    request_id = Varchar(length=64)
    body_hash = Varchar(length=64)
    answer = Text(null=True)
    refusal = Text(null=True)
    answered_at = Timestamptz()


class InstallSecret(Table, tablename="install_secret"):
    """Keys made once for this install (digests of doors, signing of forms)."""

    name = Varchar(length=32, primary_key=True)
    value = Varchar(length=64)
    made_at = Timestamptz()
