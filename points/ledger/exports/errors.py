"""What an export refuses."""

from typing import ClassVar

from points.errors import Conflict, Invalid


class FileNotWritten(Conflict):
    """The file could not be written to its end; nothing is left of it."""

    message: ClassVar[str] = "{path} could not be written: {reason}"


class NamesNeedSteward(Invalid):
    """Names were asked for, and nobody to answer for it."""

    message: ClassVar[str] = "Names are written only for a steward: name her with --as."


class SealedHasNoNames(Invalid):
    """The sealed export is what was sealed; there are no names in it."""

    message: ClassVar[str] = "The JSON export is what was sealed, and no name was sealed."
