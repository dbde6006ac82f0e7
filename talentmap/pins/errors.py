"""What the map refuses to be asked."""

from points.errors import Invalid, Missing


class BoundsUnreadable(Invalid):
    """The view is not four numbers."""

    message = (
        "The view has to be four numbers: south, west, north and east, in degrees, "
        "with commas between them."
    )


class BoundsOffEarth(Invalid):
    """The view reaches beyond the poles or the 180th meridian."""

    message = "The view reaches beyond the earth: latitudes end at 90 degrees, longitudes at 180."


class BoundsInsideOut(Invalid):
    """The south is north of the north."""

    message = "The view is upside down: its south ({south}) lies north of its north ({north})."


class BoundsAcrossDateline(Invalid):
    """The west is east of the east, as in a view across the 180th meridian."""

    message = (
        "The view's west ({west}) lies east of its east ({east}). "
        "Ask for a view across the 180th meridian in two halves."
    )


class ZoomUnknown(Invalid):
    """There is no such zoom."""

    message = "The zoom is a whole number from {least} to {most}."


class LayerUnknown(Invalid):
    """There is no such layer."""

    message = "The map has no layer {layer}."


class FilterSkillUnknown(Invalid):
    """A skill that is in no list."""

    message = "There is no skill {skill}."


class FilterSkillsTooMany(Invalid):
    """More skills than anybody looks for at once."""

    message = "Please look for at most {most} skills at once; these are {given}."


class FilterMatchUnknown(Invalid):
    """Neither any nor all."""

    message = "Skills are looked for as “any” or “all”, not as {match}."


class FilterCategoryUnknown(Invalid):
    """A category of neither skills nor activities."""

    message = "There is no category {category}."


class FilterLevelUnknown(Invalid):
    """A level that nobody can have."""

    message = "There is no skill level {level}."


class FilterTextTooLong(Invalid):
    """More text than a name has."""

    message = "Please search for at most {most} characters."


class FilterDayUnknown(Invalid):
    """Not a day."""

    message = "The day has to be a date such as 2026-11-22."


class PlaceUnmapped(Missing):
    """No such area."""

    message = "The map knows no such place."
