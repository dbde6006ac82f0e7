"""Tell other subjects, in the same transaction, that what a person allows or is has changed.

What is shown of somebody ends with a consent, a move or an account.  The subjects that show people
stand above this one, so they are not called by name: each leaves a listener here when the program
starts, and whoever changes such a fact calls ``person_changed`` before the transaction ends.  A
listener reads the new facts itself; being called once too often must do no harm.
"""

from collections.abc import Awaitable
from datetime import datetime
from typing import Final, Protocol

from points.transactions import use_case


class Listener(Protocol):
    """What is called with the number of the person."""

    def __call__(self, *, person_id: int, now: datetime) -> Awaitable[None]:
        """Bring what is shown of the person into line with what she is and allows now."""


_listeners: Final[list[Listener]] = []


def listen(listener: Listener) -> None:
    """Have ``listener`` called at each change, from now on; twice is once."""
    if listener not in _listeners:
        _listeners.append(listener)


@use_case
async def person_changed(*, person_id: int, now: datetime) -> None:
    """Call every listener inside the caller's transaction."""
    for listener in _listeners:
        await listener(person_id=person_id, now=now)
