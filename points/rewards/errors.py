"""What the catalogue, the committee and the store refuse, and what helps instead."""

from typing import ClassVar

from points.errors import Conflict, Forbidden, Invalid, Missing

# --- the catalogue


class ItemMissing(Missing):
    """There is no such item."""

    message: ClassVar[str] = "There is no such item in the catalogue."


class ItemInvalid(Invalid):
    """A text of the item is empty or too long."""

    message: ClassVar[str] = "{field} needs 1 to {most} characters."


class ItemTextTooLong(Invalid):
    """A text of the item that may be empty is too long."""

    message: ClassVar[str] = "{field} may have {most} characters at most."


class ItemKindUnknown(Invalid):
    """The kind or the audience is none of those the catalogue knows."""

    message: ClassVar[str] = "Choose one of the offered values."


class PriceInvalid(Invalid):
    """The price is outside what an item may cost."""

    message: ClassVar[str] = "A price is a whole number of points from 0 to {most}."


class MonthlyLimitInvalid(Invalid):
    """The limit a month is outside what it may be."""

    message: ClassVar[str] = "The limit for a month lies between 1 and {most}."


class ItemNotDraft(Conflict):
    """Only a draft can be adopted or edited."""

    message: ClassVar[str] = "This item is no draft any more."


class ItemDraftedByYou(Forbidden):
    """Whoever drafted an item does not adopt it."""

    message: ClassVar[str] = "You drafted this item. A second person has to adopt it."


class ItemRetired(Conflict):
    """The item is not offered any more."""

    message: ClassVar[str] = "This item is not offered any more."


class ItemNotAdopted(Conflict):
    """The item is not in the catalogue yet."""

    message: ClassVar[str] = "This item is still a draft. It can be asked for once it is adopted."


class PhotoInvalid(Invalid):
    """The photo is of a kind or a size that is not kept."""

    message: ClassVar[str] = "A photo is a JPEG, PNG or WebP of at most {most_kb} KB."


class QuantityInvalid(Invalid):
    """A number of pieces is outside what can be counted."""

    message: ClassVar[str] = "A number of pieces lies between 1 and {most}."


class StockTooSmall(Conflict):
    """More pieces were to go than are in store."""

    message: ClassVar[str] = "Only {in_store} are in store."


# --- asking


class OutOfStock(Conflict):
    """The last piece is gone."""

    message: ClassVar[str] = "The last {item} has just been reserved. New ones may come."


class NotForYou(Conflict):
    """The item is for others."""

    message: ClassVar[str] = "{item} is for {audience}."


class NotOfThisBook(Conflict):
    """The person neither lives where the catalogue is nor has points there."""

    message: ClassVar[str] = "This catalogue is for the residents of another committee."


class BalanceTooLow(Conflict):
    """Points can be spent from a least balance on."""

    message: ClassVar[str] = "Points can be spent from {needed} on; you have {available}."


class MonthSpent(Conflict):
    """A person may spend only so much in a month."""

    message: ClassVar[str] = (
        "You may spend {most} points a month; with this it would be {with_this}."
    )


class ItemMonthReached(Conflict):
    """A person may have only so many of one item in a month."""

    message: ClassVar[str] = "You may have {most} of this a month."


class NotYourToAskFor(Forbidden):
    """Only the leader of the person's own stairwell, or her guardian, asks for her."""

    message: ClassVar[str] = "Only the leader of her own stairwell or a guardian may ask for her."


class RedemptionMissing(Missing):
    """There is no such request, or the actor may not know of it."""

    message: ClassVar[str] = "There is no such request."


class NotYourRequest(Forbidden):
    """Only the person and whoever asked for her may do this."""

    message: ClassVar[str] = "Only the person herself and whoever asked for her can do this."


class TooLateToCancel(Conflict):
    """The request was approved and the ten minutes are over."""

    message: ClassVar[str] = (
        "It was approved and can be cancelled only within {minutes} minutes of asking. "
        "If nobody collects it, the points come back."
    )


class RequestClosed(Conflict):
    """The request came to its end."""

    message: ClassVar[str] = "This request is closed already ({state})."


# --- deciding


class NotOnCommittee(Forbidden):
    """The actor is neither a member of the committee nor a stand-in."""

    message: ClassVar[str] = "Only members of the committee and their stand-ins decide."


class OwnRequest(Forbidden):
    """Nobody decides on her own request."""

    message: ClassVar[str] = "This is your own request. The other members decide."


class HouseholdRequest(Forbidden):
    """Nobody decides for her household."""

    message: ClassVar[str] = "This is a request of your household. The other members decide."


class RequestedByYou(Forbidden):
    """Nobody decides on what she asked for in the name of another."""

    message: ClassVar[str] = "You asked for this on somebody's behalf. The other members decide."


class WardRequest(Forbidden):
    """Nobody decides for a child she answers for."""

    message: ClassVar[str] = "This is a request of a child you answer for. Others decide."


class AlreadyVoted(Conflict):
    """A member votes once."""

    message: ClassVar[str] = "You have voted on this request already."


class AlreadyDecided(Conflict):
    """The vote came too late."""

    message: ClassVar[str] = "This request is decided already ({state})."


class ChoiceUnknown(Invalid):
    """A vote is to approve, to refuse or to stand back."""

    message: ClassVar[str] = "Approve, refuse, or stand back."


class VoteReasonMissing(Invalid):
    """Whoever refuses or stands back says why."""

    message: ClassVar[str] = "Say why, in 1 to {most} characters."


class VoteReasonTooLong(Invalid):
    """A reason is too long to be kept."""

    message: ClassVar[str] = "A reason has {most} characters at most."


class StandInNotNeeded(Conflict):
    """There are enough members to decide."""

    message: ClassVar[str] = "There are enough members to decide on this request."


class StandInUnfit(Conflict):
    """The person cannot stand in."""

    message: ClassVar[str] = (
        "A stand-in is an adult resident of the committee's area who is not on the committee."
    )


class StandInYourself(Forbidden):
    """Nobody appoints herself."""

    message: ClassVar[str] = "You cannot appoint yourself. Choose another resident."


class StandInInvolved(Forbidden):
    """The stand-in has a stake in the request."""

    message: ClassVar[str] = "This person has a stake in the request. Choose another resident."


# --- handing over


class PickupCodeUnknown(Missing):
    """No request has this pickup code."""

    message: ClassVar[str] = "No request has this code. Check it letter by letter."


class NotReady(Conflict):
    """There is nothing to collect for the request."""

    message: ClassVar[str] = "There is nothing to collect for this request ({state})."


class AlreadyHandedOver(Conflict):
    """The code was used before."""

    message: ClassVar[str] = "This was already handed over at {handed_over_at}."


class InvolvedInPickup(Forbidden):
    """Nobody hands over to herself, to her household or to somebody she asked for."""

    message: ClassVar[str] = (
        "This is yours, of your household, or you asked for it: somebody else has to do it."
    )


class ApprovedByYou(Forbidden):
    """Whoever approved does not hand over."""

    message: ClassVar[str] = "You approved this request, so somebody else has to hand it over."


class HandedOverByYou(Forbidden):
    """Whoever handed over does not take back."""

    message: ClassVar[str] = "You handed this over, so somebody else has to take it back."


class NotHandedOver(Conflict):
    """Only what was handed over can be returned."""

    message: ClassVar[str] = "Only what was handed over can be returned ({state})."


class CollectorTooLong(Invalid):
    """The note of who collected is too long."""

    message: ClassVar[str] = "The note of who collected it has {most} characters at most."


class HandOverRoleMissing(Forbidden):
    """The actor has no role in which rewards are handed over there."""

    message: ClassVar[str] = (
        "Organizers and stewards hand over, and stairwell leaders in their own stairwell."
    )


class SpanTooLong(Invalid):
    """The last day lies before the first, or too far behind it."""

    message: ClassVar[str] = "Choose a last day on or after the first, at most {most} days later."
