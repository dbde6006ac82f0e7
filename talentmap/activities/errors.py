"""What is refused about activities."""

from points.errors import Conflict, Forbidden, Invalid, Missing

# --- proposing ----------------------------------------------------------------------------------


class ActivityMissing(Missing):
    """There is no such activity."""

    message = "There is no such activity."


class ProposeElsewhere(Forbidden):
    """The place belongs to another committee."""

    message = "You can propose activities in your own neighbourhood."


class AdultsPropose(Forbidden):
    """A minor proposes."""

    message = "Somebody of age has to propose an activity. A guardian can do it for you."


class PlanTextTooLong(Invalid):
    """A field with too many characters."""

    message = "At most {most} characters, please."


class MinimumInvalid(Invalid):
    """The crowd is too small or too large."""

    message = "An activity runs with at least {least} and at most {most} people."


class CapacityInvalid(Invalid):
    """Fewer seats than people needed, or no place on earth."""

    message = "There must be room for at least the {minimum} who are needed, at most for {most}."


class StartInPast(Invalid):
    """It would have begun already."""

    message = "The activity must start in the future."


class DeadlineInvalid(Invalid):
    """The deadline has passed, or comes after the start."""

    message = "The deadline must lie in the future and not after the start."


class RiskUnsaid(Invalid):
    """A risky activity that does not say what the risk is."""

    message = "Say what the risk is, so that everybody can judge for themselves."


class InsuranceNeeded(Invalid):
    """A risky activity without insurance."""

    message = "A risky activity needs insurance for those who take part."


class TalentElsewhere(Invalid):
    """Whoever is to lead does not live around here."""

    message = "Whoever leads it must be a neighbour of this subdistrict."


# --- signing up ---------------------------------------------------------------------------------


class ActivityClosed(Conflict):
    """It is over, in one way or another."""

    message = "This activity is closed: it was held, called off, or did not find enough people."


class SignupOver(Conflict):
    """The deadline has passed."""

    message = "Sign-up ended on {deadline_at}."


class PartyInvalid(Invalid):
    """Nobody, or a crowd in itself."""

    message = "One sign-up is for 1 to {most} people."


class AlreadySignedUp(Conflict):
    """In or waiting already."""

    message = "{name} is signed up already."


class SignedUpTooOften(Conflict):
    """In and out and in again; each time others would be told."""

    message = "One can sign up for the same activity {most} times. Please ask who organizes it."


class LivesElsewhere(Conflict):
    """Not a neighbour of the subdistrict."""

    message = "This activity is for neighbours of {area}."


class NotYourSignup(Forbidden):
    """Neither herself nor her child nor somebody in her care."""

    message = (
        "You can do this for yourself and for your children. "
        "For others a stairwell leader or the neighbourhood office can."
    )


class SignupGuardianNeeded(Invalid):
    """A minor without a guardian of hers."""

    message = "Name a guardian of this child. The neighbourhood office knows who that is."


class GuardianSignsUp(Forbidden):
    """A minor signs up by herself."""

    message = "Please ask your father, mother or other guardian to sign you up."


class NotForMinors(Conflict):
    """The activity is risky."""

    message = "This activity carries a risk, so only those of age can take part."


class NotSignedUp(Conflict):
    """Never signed up here."""

    message = "{name} is not signed up for this activity."


class BegunAlready(Conflict):
    """Too late to withdraw."""

    message = "It has begun. Whoever calls the roll notes who came."


# --- cancelling and the roll ----------------------------------------------------------------------


class CancelReasonMissing(Invalid):
    """No reason, or too long a one."""

    message = "Give a reason of 1 to {most} characters."


class NotYourActivity(Forbidden):
    """Neither its proposer nor staff of the area."""

    message = "Whoever proposed it, an organizer or a steward can do this."


class NotBegun(Conflict):
    """The roll cannot be called yet."""

    message = "It has not begun yet."


class RollInvalid(Invalid):
    """No rows, too many, or one that says nothing."""

    message = "A roll-call has 1 to {most} rows, each person once: served with minutes, or not."


class ServiceByStaff(Forbidden):
    """Service is entered by those who may plan it."""

    message = (
        "Hours of service are entered by an organizer, a stairwell leader or a steward. "
        "Note who came, and ask one of them for the rest."
    )


class AlreadyServed(Conflict):
    """Service was written down for this person."""

    message = "The service of {name} is written down already. It can be withdrawn or voided there."


# --- pledges ------------------------------------------------------------------------------------


class ItemUnknown(Invalid):
    """Not an item of this catalogue that points can be spent on."""

    message = "Choose an item of the catalogue of this neighbourhood."


class PledgeQuantityInvalid(Invalid):
    """Nothing, or far too much."""

    message = "Ask for 1 to {most} pieces."


class PledgesNotAsked(Conflict):
    """Nobody asked for points here."""

    message = "Nobody asked for points for this activity."


class PledgesBegun(Conflict):
    """Somebody pledged already, so the goal stands."""

    message = "Neighbours have pledged already, so the goal stays as it is."


class PledgesClosed(Conflict):
    """The materials are paid."""

    message = "The materials are paid for. Thank you."


class PledgeInvalid(Invalid):
    """No points, or more than are missing."""

    message = "{left} points are still missing. Pledge between 1 and that."


class AlreadyPledged(Conflict):
    """One pledge a person."""

    message = "You pledged {points} points already. Take them back first to pledge another number."


class PledgeElsewhere(Forbidden):
    """Her points are of another book."""

    message = "Points of another neighbourhood cannot be pledged here."


class NoPledge(Conflict):
    """Nothing to take back."""

    message = "You have pledged nothing here."


class PledgesShort(Conflict):
    """The goal is not reached."""

    message = "{left} points are still missing for the materials."


class SecondPersonPays(Forbidden):
    """Whoever proposed or asked does not pay."""

    message = "A steward or member of the committee pays, and nobody who proposed or pledged."


# --- import -------------------------------------------------------------------------------------


class NoPosition(Invalid):
    """The row is taken, but the map does not show it."""

    message = "No coordinates were found. It is in the list, but not on the map."


class ActivityTwice(Invalid):
    """Two rows of one file are the same activity."""

    message = "The same activity already stands on line {first_line}. Only that one was taken."


class EndsBeforeStart(Invalid):
    """The end comes before the start."""

    message = "It ends before it starts."


class AheadNeedsTimes(Invalid):
    """A coming activity without the times of day."""

    message = "An activity that is still to come needs the time of day at which it starts and ends."


class AheadNeedsBook(Invalid):
    """A coming activity where nobody keeps points or answers for it."""

    message = "Coming activities are imported into a neighbourhood, in the name of a steward."
