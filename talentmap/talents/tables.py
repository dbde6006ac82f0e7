"""Profiles, skills, and counts of those shown by area."""

from typing import Any

from piccolo.columns import (
    BigInt,
    BigSerial,
    DoublePrecision,
    ForeignKey,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from points.community.tables import Area, Person

RESTRICT = OnDelete.restrict


class TalentProfile(Table, tablename="talent_profile"):
    """What a person shows, to whom, and the finest place that may be known of her."""

    person_id = ForeignKey(Person, on_delete=RESTRICT, null=False, primary_key=True)
    nickname = Varchar(length=40)
    about = Varchar(length=300)
    times = Varchar(length=120)
    visibility = Varchar(length=16)
    home_area_id = ForeignKey(Area, on_delete=RESTRICT, null=False)
    group_id = BigInt(null=True)
    audience_id = BigInt(null=True)
    published_area_id = ForeignKey(Area, on_delete=RESTRICT)
    lat = DoublePrecision(null=True)
    lon = DoublePrecision(null=True)
    refines_at = Timestamptz(null=True)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class TalentSkill(Table, tablename="talent_skill"):
    """A skill of a person, with copies of where and to whom she is shown."""

    person_id = BigInt()
    skill_code = Varchar(length=32)
    level = Varchar(length=12)
    recognised_by = ForeignKey(Person, on_delete=RESTRICT)
    recognised_at = Timestamptz(null=True)
    since = Timestamptz()
    audience_id = BigInt(null=True)
    published_area_id = ForeignKey(Area, on_delete=RESTRICT)
    lat = DoublePrecision(null=True)
    lon = DoublePrecision(null=True)


class TalentCount(Table, tablename="talent_count"):
    """How many of an audience are shown at an area, and within it; skill '' counts anybody."""

    audience_id = BigInt()
    area_id = ForeignKey(Area, on_delete=RESTRICT, null=False)
    skill_code = Varchar(length=32)
    people_within = Integer()
    people_here = Integer()
    lat = DoublePrecision(null=True)
    lon = DoublePrecision(null=True)
    level = Varchar(length=24)


class TalentMapVersion(Table, tablename="talent_map_version"):
    """One row whose number rises with every change of what the map may show."""

    id = Integer(primary_key=True)
    version = BigInt()


class TalentMessage(Table, tablename="talent_message"):
    """What somebody wrote to a talent, or the answer to it."""

    id = BigSerial(primary_key=True)
    sender_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    receiver_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    talent_id = ForeignKey(Person, on_delete=RESTRICT, null=False)
    answers_id: ForeignKey[Any] = ForeignKey("self", on_delete=RESTRICT)
    text = Varchar(length=600)
    sent_at = Timestamptz()
    reported_at = Timestamptz(null=True)
