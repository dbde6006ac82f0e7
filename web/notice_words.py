"""What a notice says, in the language of whoever reads it."""

from collections.abc import Mapping

from points.notices.kinds import KINDS
from web.i18n import N_, Translator

# For a kind of notice that this version no longer knows.
OTHER = N_("There is news for you.")


def sentence(say: Translator, kind: str, facts: Mapping[str, object]) -> str:
    """The sentence of a notice with its facts."""
    return say.told(KINDS.get(kind, OTHER), facts)
