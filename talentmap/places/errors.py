"""What is refused about places."""

from points.errors import Invalid


class CoordinatesMissing(Invalid):
    """No point, or the 0, 0 that programs write for none."""

    message = "There are no coordinates here. Fill in latitude and longitude."


class CoordinatesSwapped(Invalid):
    """China's latitudes and longitudes do not overlap, so this can be said for certain."""

    message = "Latitude {lat} and longitude {lon} look swapped. Exchange the two."


class NotOnEarth(Invalid):
    """Beyond the poles or the date line."""

    message = "Latitude {lat}, longitude {lon} is no place on earth."


class OutlineBroken(Invalid):
    """Fewer than three corners."""

    message = "The outline has fewer than three corners."


class PlaceTwice(Invalid):
    """Two rows of one file are the same place."""

    message = "The same place already stands on line {first_line}. Only that one was taken."


class FlatInName(Invalid):
    """Homes are not put on the map."""

    message = "{name} names a flat. The map knows buildings at most."


class FarAway(Invalid):
    """Held back, not refused: the row may be right, but somebody has to say so."""

    message = (
        "This lies {kilometres} km outside the area. Check it, or import again accepting far rows."
    )


class UnknownDatum(Invalid):
    """Neither of the three."""

    message = "Say which datum the coordinates are in: wgs84, gcj02 or bd09. It is never guessed."


class LevelNotHere(Invalid):
    """Such an area cannot lie in the one imported into."""

    message = "An area of level {level} cannot lie in one of level {parent_level}."
