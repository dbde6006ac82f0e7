"""What can be refused, as facts.

An error carries its facts as keyword arguments; ``message`` is the English sentence (a gettext
message id) that the web translates and fills with those facts.  Nothing here knows of HTTP: the
four families say what kind of "no" it is, and each door maps a family to its own answer.
"""

from typing import ClassVar


class DomainError(Exception):
    """Base of everything the domain refuses on purpose."""

    message: ClassVar[str] = "This could not be done."

    def __init__(self, **facts: object) -> None:
        super().__init__(facts)
        self.facts = facts

    @property
    def code(self) -> str:
        """Stable name of the error, for answers that are kept and for programs."""
        return type(self).__name__

    def __str__(self) -> str:
        return self.message.format(**self.facts)


class Invalid(DomainError):
    """The input itself is wrong; ``field`` among the facts names the form field, if one is."""


class Forbidden(DomainError):
    """The actor may not do this, whoever else may."""

    message = "You may not do this. Someone with the right role can."


class Missing(DomainError):
    """There is no such thing, or the actor may not know of it."""

    message = "There is no such page or record."


class Conflict(DomainError):
    """The world has moved on, or a rule of the house forbids it now."""


class RequestReused(Conflict):
    """One request id came with two different bodies."""

    message = "This form was already sent with other content. Open it anew and try again."


def error_by_code(code: str) -> type[DomainError]:
    """The error class with that stable name; DomainError itself for a name no longer in use."""
    waiting: list[type[DomainError]] = [DomainError]
    while waiting:
        found = waiting.pop()
        if found.__name__ == code:
            return found
        waiting.extend(found.__subclasses__())
    return DomainError
