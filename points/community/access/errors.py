"""What the door refuses."""

from points.errors import Conflict, Forbidden, Invalid, Missing


class WrongSignIn(Invalid):
    """Unknown number or wrong password; which of the two is not said."""

    message = "The number or the password is not right."


class TooManyAttempts(Conflict):
    """Too many wrong tries; the next one is looked at after ``minutes``."""

    message = "Too many wrong tries. Please wait {minutes} minutes and try again."


class PasswordTooShort(Invalid):
    """Too short to hold out."""

    message = "A password needs at least {length_min} characters. A short sentence is good."


class PasswordTooLong(Invalid):
    """Longer than any sentence."""

    message = "A password has at most {length_max} characters."


class PasswordObvious(Invalid):
    """Among the first that a stranger would try."""

    message = "Many people use this password, so it is easily guessed. Please choose another."


class PasswordPersonal(Invalid):
    """Hardly more than the person's own name or number."""

    message = "This is your own name or number, which others know. Please choose another password."


class CodeWrong(Invalid):
    """No such code."""

    message = "This code is not right. It has 8 letters and digits, without 0, O, 1 and I."


class CodeUsed(Conflict):
    """The code was redeemed, or a newer one replaced it."""

    message = "This code was already used or replaced by a newer one."


class CodeExpired(Conflict):
    """The code has run out."""

    message = "This code has run out. Please ask the neighbourhood office for a new one."


class CodeNotApproved(Conflict):
    """A second person has not approved the code yet."""

    message = "A second person at the neighbourhood office has to approve this code first."


class NoSuchCode(Missing):
    """No code waits under this number."""

    message = "This request for a code is not there."


class CodeForYourself(Forbidden):
    """Nobody issues or approves a code for herself."""

    message = "Nobody can issue a code for themselves. A colleague can."


class HasPassword(Conflict):
    """An invitation for somebody who is in already."""

    message = "This person already has a password. A forgotten one is reset by two people."


class NoPasswordYet(Conflict):
    """A reset for somebody who never came in."""

    message = "This person has no password yet. An invitation is enough."


class ChildHasNoAccount(Conflict):
    """A child takes part through the guardian."""

    message = "A child under {years} takes part through a guardian's account."


class WrongPassword(Invalid):
    """The present password was not right."""

    message = "The present password is not right."


class TokenLabelWrong(Invalid):
    """A token needs a name by which its owner knows it."""

    message = "A token needs a name of at most {limit} characters."


class TokenScopeUnknown(Invalid):
    """Not something a token can be allowed."""

    message = "A token can be allowed: read, write."


class TokenTermWrong(Invalid):
    """A token for no time or for ever."""

    message = "A token is good for 1 to {days_max} days."


class TooManyTokens(Conflict):
    """More tokens than anybody keeps an eye on."""

    message = "You already have {limit} tokens. Please revoke one first."


class NoSuchToken(Missing):
    """Not one of the person's tokens."""

    message = "There is no such token."


class NoSuchSession(Missing):
    """Not one of the person's sessions."""

    message = "This device is not signed in."
