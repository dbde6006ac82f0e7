"""What the storeys below are to tell each other, without knowing of each other."""

from points.community.changes import listen
from talentmap.talents.listing import refresh


def wire() -> None:
    """Have the talent map follow every change of consent, home, age or account."""
    listen(refresh)
