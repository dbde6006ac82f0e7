"""What the books refuse."""

from typing import ClassVar

from points.errors import Conflict, Invalid, Missing


class AreaUnknown(Missing):
    """A book was to be opened for an area that does not exist."""

    message: ClassVar[str] = "There is no area {area_id}."


class BookUnknown(Missing):
    """Something was to be posted to a book that does not exist."""

    message: ClassVar[str] = "There is no book {book_id}."


class PostingUnknown(Missing):
    """There is no such posting, or it is of another kind than the one asked for."""

    message: ClassVar[str] = "There is no posting {posting_id} that could be reversed like this."


class BadAmount(Invalid):
    """An amount is outside what a posting can carry."""

    message: ClassVar[str] = "{amount} is not an amount that can be posted."


class BadReference(Invalid):
    """A reference is empty or too long to be kept."""

    message: ClassVar[str] = "A reference has 1 to {length_max} characters."


class BadReason(Invalid):
    """A reason is empty or too long to be kept."""

    message: ClassVar[str] = "A reason has 1 to {length_max} characters."


class InsufficientPoints(Conflict):
    """More was asked for than can be spent today."""

    message: ClassVar[str] = "You need {needed} points and have {available}."


class ReferenceReused(Conflict):
    """One reference came with two different contents; ``posting_id`` is None after a refusal."""

    message: ClassVar[str] = (
        "The reference {reference} already stands for something else (posting {posting_id})."
    )


class NothingHeld(Conflict):
    """Nothing is held for this case, or nothing of this person."""

    message: ClassVar[str] = "No points are held for this request any more."


class CaseClosed(Conflict):
    """Points of this case were already handed over; a new case needs a new number."""

    message: ClassVar[str] = "The points of this request were already spent."


class AlreadyReversed(Conflict):
    """Nothing of the posting is left to reverse."""

    message: ClassVar[str] = "Posting {posting_id} was already reversed."


class ReversalTooLarge(Conflict):
    """More was to be reversed than is left of the posting."""

    message: ClassVar[str] = (
        "Only {left} of posting {posting_id} can still be reversed, not {asked}."
    )


class PersonUnknown(Missing):
    """An account was to be opened for a person who does not exist."""

    message: ClassVar[str] = "There is no person {person_id}."


class PoolTooSmall(Conflict):
    """More was to come out of a pool than it holds."""

    message: ClassVar[str] = "The pool holds {available} points; {needed} are needed."


class NotInPool(Conflict):
    """What was put into a pool has meanwhile left it, or has expired there."""

    message: ClassVar[str] = (
        "Of these points only {left} are still in the pool and can go back, not {asked}."
    )


class NoShare(Conflict):
    """Nothing in the pool is hers."""

    message: ClassVar[str] = "None of the points in the pool are yours any more."
