"""What is refused about talents."""

from points.errors import Conflict, Forbidden, Invalid, Missing


class NoSuchTalent(Missing):
    """Nobody, or somebody whom the viewer may not know of: both look the same."""

    message = "There is no such neighbour on the talent map."


class NicknameMissing(Invalid):
    """A profile without a name to show."""

    message = "Please write what the neighbours may call you, in at most {limit} characters."


class AboutTooLong(Invalid):
    """More than fits a card."""

    message = "Please say it in at most {limit} characters."


class ContactInText(Invalid):
    """Contact goes through the site, so that nobody's number lies open."""

    message = "Please leave out phone numbers and the like: neighbours reach you through this site."


class TimesUnknown(Invalid):
    """Not one of the weekly times."""

    message = "Please choose from the times that are offered."


class VisibilityUnknown(Invalid):
    """Not one of the steps."""

    message = "Please choose who may see you."


class TooYoungToBeSeen(Forbidden):
    """Children are not listed, and minors not to everybody."""

    message = "Children under 14 are not on the map, and nobody under 18 is shown to strangers."


class ConsentNeeded(Forbidden):
    """Nobody is shown without having agreed."""

    message = "Before anybody sees you, please agree to the talent map."


class SkillUnknown(Invalid):
    """Not in the list of skills."""

    message = "This skill is not in the list. Please choose another one."


class SkillLevelUnknown(Invalid):
    """Not one of the levels."""

    message = "Please say how well you know it."


class TooManySkills(Invalid):
    """A profile is no catalogue."""

    message = "A profile holds at most {limit} skills."


class SkillNotThere(Missing):
    """The profile does not name this skill."""

    message = "This skill is not in the profile."


class OwnRecognition(Forbidden):
    """Nobody recognises herself."""

    message = "Somebody else from the office has to recognise your skill."


class MessageMissing(Invalid):
    """An empty or endless message."""

    message = "Please write a message of at most {limit} characters."


class TooManyMessages(Conflict):
    """So that nobody is flooded."""

    message = "You have written {limit} messages today. Please go on tomorrow."


class MessageToSelf(Invalid):
    """Oneself is at hand."""

    message = "This is you."


class NoSuchMessage(Missing):
    """No message, or somebody else's."""

    message = "There is no such message."


class ProfileMissing(Conflict):
    """There is nothing to change yet."""

    message = "Please write your profile first."


class OwnProfileElsewhere(Forbidden):
    """Nobody acts for herself as if for another."""

    message = "This is your own profile. You find it under Me."


class AgreementMissing(Invalid):
    """Whoever acts for somebody has to have her agreement first."""

    message = "Nobody is shown without having agreed. Please tick this once it is agreed."


class PaperMissing(Invalid):
    """Staff gives a consent only with something signed."""

    message = "Please say which signed paper this is and where it is kept."
