"""What the community refuses."""

from points.errors import Conflict, Forbidden, Invalid, Missing


class NoSuchArea(Missing):
    """No area has this number, or the actor may not know of it."""

    message = "There is no such area."


class NoSuchPerson(Missing):
    """No person has this number, or the actor may not know of it."""

    message = "There is no such person here."


class NoSuchGrant(Missing):
    """No role grant has this number."""

    message = "There is no such role."


class NotInRole(Forbidden):
    """The actor holds none of the roles ``roles`` (a tuple) in this area."""

    message = "Your role does not reach this. Someone with the right role for this area can do it."


class AreaNameWrong(Invalid):
    """An empty or endless name of an area."""

    message = "An area needs a name of at most {limit} characters."


class LevelUnknown(Invalid):
    """Not a level of areas."""

    message = "{level} is not a level of areas."


class LevelMisplaced(Invalid):
    """An area of this level cannot lie in one of that level."""

    message = "An area of level {level} cannot lie in one of level {parent_level}."


class TimeZoneUnknown(Invalid):
    """Not a time zone."""

    message = "{time_zone} is not a time zone. An example: Asia/Shanghai."


class TimeZoneMissing(Invalid):
    """The top of a tree has no time zone."""

    message = "The topmost area needs a time zone, for example Asia/Shanghai."


class AreaExists(Conflict):
    """There is an area of that name and level already; ``area_id`` among the facts."""

    message = "{name} is already there."


class AreaCodeTaken(Conflict):
    """Another area has this code."""

    message = "Another area already has the code {code}."


class NameMissing(Invalid):
    """A person without a name."""

    message = "Please write a name. A nickname is enough."


class NameTooLong(Invalid):
    """A name that fits no card."""

    message = "A name has at most {limit} characters."


class BadPhone(Invalid):
    """Not a phone number."""

    message = "This is not a phone number. A mobile has 11 digits; a landline needs its area code."


class BadCard(Invalid):
    """Not a card number."""

    message = (
        "This is not a card number. It has 4 to 32 letters and digits "
        "and must not look like a phone number."
    )


class PhoneTaken(Conflict):
    """Another open account has this phone."""

    message = "This phone number already belongs to somebody. A card number works as well."


class CardTaken(Conflict):
    """Another open account has this card."""

    message = "This card number already belongs to somebody."


class BadBirthDate(Invalid):
    """Not born yet, or too long ago."""

    message = "This cannot be a date of birth. Please check the year."


class MoveNotYours(Forbidden):
    """Who lives where decides whose points count, so nobody writes it down for herself."""

    message = "Where somebody lives is written down by the office. Tell them that you moved."


class BirthDateNotYours(Forbidden):
    """Age decides what a guardian has to agree to, so staff enters it."""

    message = "The neighbourhood office changes a date of birth. Please tell them."


class LanguageUnknown(Invalid):
    """A language that nobody translated."""

    message = "This language is not available."


class AccountClosed(Conflict):
    """The account was closed."""

    message = "This account is closed."


class ReasonMissing(Invalid):
    """Acting for somebody needs a reason."""

    message = "Please write in a few words why, in at most {limit} characters."


class RoleUnknown(Invalid):
    """Not a role."""

    message = "This role does not exist."


class TermWrong(Invalid):
    """A term that ends before it starts, or starts in the past."""

    message = "A term starts today or later and does not end before it starts."


class TooYoungForRole(Invalid):
    """A role with duties is for people of age."""

    message = "Whoever takes on this role has to be {years} years old on its first day."


class RoleForYourself(Forbidden):
    """Nobody gives a role to herself."""

    message = "Nobody can propose a role for themselves. Ask another steward."


class SecondPersonNeeded(Forbidden):
    """The proposer, or the one it is for, tried to approve."""

    message = "This needs a second person: neither the one who asked for it nor the one it is for."


class RoleHeld(Conflict):
    """The person holds the role there already, or it is proposed."""

    message = "This person already holds this role here, or it has been proposed."


class NotWaiting(Conflict):
    """The proposal was decided, has ended or was withdrawn."""

    message = "This no longer waits for anybody."


class LastSteward(Conflict):
    """Without a steward nobody could ever give a role again."""

    message = "This is the last steward here. Another one has to be appointed first."


class TwoStewardsNeeded(Invalid):
    """A neighbourhood starts with two different stewards."""

    message = "A neighbourhood starts with two different stewards."


class StewardsExist(Conflict):
    """The founding is over."""

    message = "This area already has a steward, who can propose more."


class OwnGuardian(Invalid):
    """Nobody is one's own guardian."""

    message = "Nobody can be their own guardian."


class NotAMinor(Invalid):
    """An adult, or somebody whose date of birth is not known."""

    message = "Only someone under 18 has a guardian. Please enter the date of birth first."


class GuardianTooYoung(Invalid):
    """A guardian has to be of age."""

    message = "A guardian has to be 18 or older."


class GuardianRecorded(Conflict):
    """They are recorded already."""

    message = "This guardian is already recorded."


class NoSuchGuardian(Missing):
    """They are not recorded."""

    message = "This guardian is not recorded."


class PurposeUnknown(Invalid):
    """Nobody asks for consent to this."""

    message = "There is no such consent."


class GuardianDecides(Forbidden):
    """A child's consent is the guardian's."""

    message = "A guardian has to agree to this, on the guardian's own account."


class ConsentNotGiven(Conflict):
    """There is nothing to withdraw."""

    message = "This consent was not given, so there is nothing to withdraw."
