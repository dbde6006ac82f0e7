"""What the outlook refuses, as facts."""

from typing import ClassVar

from points.errors import Invalid, Missing


class PledgeWrong(Invalid):
    """A promise without a sponsor, without worth, or for a day that is over."""

    message: ClassVar[str] = (
        "A promise needs a sponsor, what it is worth in points, and a day that is not over."
    )


class PledgeMissing(Missing):
    """There is no such promise."""

    message: ClassVar[str] = "There is no such promise of a sponsor."
