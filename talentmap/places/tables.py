"""Where areas lie.  Coordinates are WGS-84; flat numbers never come here."""

from piccolo.columns import BigSerial, DoublePrecision, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from points.community.tables import Area


class Place(Table):
    """The point (and outline, if known) of one area."""

    id = BigSerial(primary_key=True)
    area_id = ForeignKey(Area, on_delete=OnDelete.restrict, null=False)
    lat = DoublePrecision()
    lon = DoublePrecision()
    rings = Text(null=True)
    south = DoublePrecision(null=True)
    west = DoublePrecision(null=True)
    north = DoublePrecision(null=True)
    east = DoublePrecision(null=True)
    source_datum = Varchar(length=8)
    source_key = Varchar(length=64)
    imported_at = Timestamptz()
