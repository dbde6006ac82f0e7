"""What pools, donations and grants refuse, and what helps instead."""

from typing import ClassVar

from points.errors import Conflict, Forbidden, Invalid, Missing


class NoHousehold(Conflict):
    """A pool is for those behind one door, and no door is known."""

    message: ClassVar[str] = (
        "It is not recorded with whom you live. The residents' committee can put that right."
    )


class PoolForAdults(Forbidden):
    """Children keep their points."""

    message: ClassVar[str] = "The pool of a household is for adults. A child's points stay its own."


class AlreadyInPool(Conflict):
    """She opted in before."""

    message: ClassVar[str] = "You take part in the pool of your household already."


class NotInThePool(Conflict):
    """Only a member puts points in or spends some."""

    message: ClassVar[str] = "You do not take part in the pool of your household."


class MovedOut(Conflict):
    """The pool is that of the door she lived behind before."""

    message: ClassVar[str] = (
        "You moved out. Leave the old pool with what is yours, then take part in the new one."
    )


class NoBookOfPool(Conflict):
    """Nobody keeps points where the household is."""

    message: ClassVar[str] = "No committee keeps points where you live yet."


class NothingToPay(Invalid):
    """The pool pays points; this costs none."""

    message: ClassVar[str] = "This costs no points, so the pool need not pay it."


class WishTooLong(Invalid):
    """A wish does not fit."""

    message: ClassVar[str] = "A wish has {most} characters at most."


class GrantReasonMissing(Invalid):
    """A grant without a reason, or with a very long one."""

    message: ClassVar[str] = "Please say why in 1 to {most} characters."


class GrantTooLarge(Invalid):
    """An amount outside what one decision can carry."""

    message: ClassVar[str] = "Please give between 1 and {most} points."


class DonationMissing(Missing):
    """There is no such donation, or it is somebody else's."""

    message: ClassVar[str] = "There is no such donation of yours."


class TooLateToUndo(Conflict):
    """Ten minutes are over."""

    message: ClassVar[str] = (
        "A donation can be taken back within {minutes} minutes. "
        "If it was a mistake, ask the residents' committee."
    )


class DecisionMissing(Missing):
    """There is no such decision to take."""

    message: ClassVar[str] = "There is no such decision to take."


class DecisionTaken(Conflict):
    """Somebody was quicker."""

    message: ClassVar[str] = "This has been decided already."


class SecondPersonDecides(Forbidden):
    """Whoever proposes does not approve."""

    message: ClassVar[str] = "You proposed this. A second person has to decide."


class DecidesForHerself(Forbidden):
    """Nobody grants to herself, her household, her ward, or out of her own donation."""

    message: ClassVar[str] = (
        "You have a stake in this: it is for you, your household or your ward, or you gave it. "
        "Somebody else has to decide."
    )


class NotOfThisPlace(Conflict):
    """The person or stairwell belongs to another committee."""

    message: ClassVar[str] = "That person or stairwell does not belong to your committee."


class NoStairwell(Conflict):
    """An honour goes to a stairwell."""

    message: ClassVar[str] = "Please choose a stairwell."
