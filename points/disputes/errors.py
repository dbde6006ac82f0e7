"""What objections and appeals refuse, and what helps instead."""

from typing import ClassVar

from points.errors import Conflict, Forbidden, Invalid, Missing


class DisputeMissing(Missing):
    """There is no such objection, or it does not concern her."""

    message: ClassVar[str] = "There is no such objection."


class DisputeReasonMissing(Invalid):
    """A reason is missing or very long."""

    message: ClassVar[str] = "Please say why in 1 to {most} characters."


class NothingToDispute(Conflict):
    """The record waits still, or was withdrawn."""

    message: ClassVar[str] = "Nothing has been decided on this record yet."


class NotYoursToDispute(Forbidden):
    """She neither served, nor was there, nor has a duty there."""

    message: ClassVar[str] = (
        "You can object to service where you were yourself, or where you have a duty."
    )


class TooLateToDispute(Conflict):
    """More than thirty days."""

    message: ClassVar[str] = "This can be objected to within {days} days after it was decided."


class AlreadyDisputed(Conflict):
    """One objection at a time, and one of each kind."""

    message: ClassVar[str] = "Somebody has objected to this already."


class NotOpen(Conflict):
    """The step was taken before, or its time is over."""

    message: ClassVar[str] = "This objection is past that step."


class PartyDecides(Forbidden):
    """Whoever had a hand in it does not decide."""

    message: ClassVar[str] = (
        "You have a stake in this: you decided or wrote it down, raised or answered it, "
        "or it is about your household. Somebody else has to decide."
    )


class NotYourDispute(Forbidden):
    """Only whom it concerns goes on with it."""

    message: ClassVar[str] = "Only those whom this concerns can ask for that."


class AlreadyReviewed(Conflict):
    """One vote each."""

    message: ClassVar[str] = "You have given your vote on this."
