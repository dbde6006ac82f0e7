"""What can be wrong with an e-mail address."""

from typing import ClassVar

from points.errors import Conflict, Invalid


class BadEmail(Invalid):
    """It does not look like an address."""

    message: ClassVar[str] = "Please give an e-mail address such as wang@example.org."


class WrongEmailCode(Invalid):
    """The code is not the one that was sent to the address."""

    message: ClassVar[str] = "This is not the code from the letter. Please type it again."


class NoEmail(Conflict):
    """There is no address that could be confirmed."""

    message: ClassVar[str] = "There is no e-mail address to confirm. Please enter it first."
