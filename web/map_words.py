"""What the script of the talent map says, handed to it in the language of the page."""

from collections.abc import Mapping

from web.i18n import N_

WORDS: Mapping[str, str] = {
    "zoom_in": N_("Closer"),
    "zoom_out": N_("Further away"),
}
