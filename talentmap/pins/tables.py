"""Words by which names are found, names that wait for theirs, and areas that skip a level."""

from piccolo.columns import BigSerial, ForeignKey, SmallInt, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from points.community.tables import Area
from talentmap.activities.tables import Activity

RESTRICT = OnDelete.restrict


class AreaWord(Table, tablename="area_word"):
    """A word that leads to an area; ``inside`` is 1 where it begins within the name."""

    inside = SmallInt()
    word = Varchar(length=40)
    area_id = ForeignKey(Area, on_delete=RESTRICT, null=False)


class ActivityWord(Table, tablename="activity_word"):
    """A word that leads to an open activity."""

    inside = SmallInt()
    word = Varchar(length=40)
    activity_id = ForeignKey(Activity, on_delete=RESTRICT, null=False)


class WordWaiting(Table, tablename="word_waiting"):
    """A name that is new and has no words yet."""

    id = BigSerial(primary_key=True)
    area_id = ForeignKey(Area, on_delete=RESTRICT)
    activity_id = ForeignKey(Activity, on_delete=RESTRICT)


class AreaStray(Table, tablename="area_stray"):
    """The topmost area below a level that its branch of the tree skips: it stands for itself."""

    tier = Varchar(length=24)
    area_id = ForeignKey(Area, on_delete=RESTRICT, null=False)
