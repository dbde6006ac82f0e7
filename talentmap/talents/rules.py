"""Where a talent may be shown.  Pure."""

from typing import Final

# How many people of one audience have to be shown at an area before it is named.
LISTED_LEAST: Final = 5
