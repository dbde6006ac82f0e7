"""What sealing refuses."""

from typing import ClassVar

from points.errors import Conflict, Missing


class BooksBusy(Conflict):
    """A transaction that began before the seal would not end."""

    message: ClassVar[str] = (
        "Somebody has been writing in the books for more than {seconds} seconds. "
        "Nothing was sealed; try again later."
    )


class NotSealed(Missing):
    """Nothing was sealed in this book, or in this month."""

    message: ClassVar[str] = "Nothing of this book was sealed then."
