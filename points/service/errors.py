"""What the service desk refuses, and what helps instead."""

from points.errors import Conflict, Forbidden, Invalid, Missing

# --- the policy ---------------------------------------------------------------------------------


class PolicyMissing(Conflict):
    """The book has no points policy yet."""

    message = "The committee has not adopted a points policy yet. Record its adoption first."


class TermsInvalid(Invalid):
    """A number of the policy is outside what a policy may say."""

    message = "{field} must lie between {least} and {most}."


class CapsOutOfOrder(Invalid):
    """A smaller period allows more than the larger one around it."""

    message = "The cap of a day may not exceed that of a month, nor that of a month that of a year."


class PolicyNotFirstOfMonth(Invalid):
    """A policy starts on a first of a month."""

    message = "A points policy starts on the first day of a month."


class PolicyInThePast(Conflict):
    """Only a book's first policy may reach back."""

    message = "A new points policy cannot change days that have begun. Choose a later month."


class PolicyOutOfOrder(Conflict):
    """A later version starts before an earlier one."""

    message = "Version {number} already starts on {effective_from}. Choose a later month."


class AdoptionInvalid(Invalid):
    """The adoption record is incomplete or says no."""

    message = "An adoption needs the meeting's body and date, not later than today."


class PolicyNotCarried(Invalid):
    """The vote did not carry the policy."""

    message = "The votes in favour must outnumber those against ({votes_for} to {votes_against})."


# --- occasions ----------------------------------------------------------------------------------


class OccasionMissing(Missing):
    """There is no such occasion."""

    message = "There is no such occasion."


class OccasionCancelled(Conflict):
    """The occasion does not take place."""

    message = "This occasion was cancelled."


class OccasionInUse(Conflict):
    """Service was logged on it."""

    message = "Service was already logged here, so the occasion cannot be cancelled any more."


class OccasionNotYours(Forbidden):
    """Only whoever planned it, leads it, or a steward may change it."""

    message = "Only its leader, whoever created it or a steward may change this occasion."


class TitleInvalid(Invalid):
    """No title, or too long."""

    message = "Give a title of 1 to {most} characters."


class PlaceTooLong(Invalid):
    """The place is too long."""

    message = "Describe the place in at most {most} characters."


class CategoryUnknown(Invalid):
    """No such category or activity class."""

    message = "Choose one of the listed categories."


class OccasionSpanInvalid(Invalid):
    """It ends before it starts, or lasts longer than a day."""

    message = "The end must come after the start, and at most {most} hours later."


class OccasionTooOld(Conflict):
    """Too long ago to be set up now."""

    message = "This day lies more than {days} days back. Older service comes in by an import."


class OccasionTooFarAhead(Conflict):
    """Too far in the future."""

    message = "An occasion can be planned at most {days} days ahead."


class LeaderElsewhere(Invalid):
    """The leader is not of this neighbourhood."""

    message = "The leader must be a resident of this neighbourhood."


class NoBookHere(Conflict):
    """No area above keeps a book."""

    message = "No committee above this area keeps points yet."


# --- logging service ----------------------------------------------------------------------------


class RecordMissing(Missing):
    """There is no such record."""

    message = "There is no such service record."


class MinutesInvalid(Invalid):
    """Not a whole number of minutes within a day."""

    message = "Service lasts between 1 and {most} minutes."


class NoteTooLong(Invalid):
    """The note is too long."""

    message = "A note has at most {most} characters."


class NotStarted(Conflict):
    """Nobody has served yet."""

    message = "This occasion has not started yet."


class ServiceInFuture(Invalid):
    """The service would end later than now."""

    message = "This service is not over yet. Log it once it is done."


class OutsideOccasion(Invalid):
    """The times do not belong to the occasion."""

    message = (
        "These times do not fit the occasion. Service may begin or end up to {minutes} minutes "
        "around it."
    )


class NoteNeeded(Invalid):
    """Longer than the occasion lasted, without a word why."""

    message = "This is longer than the occasion lasted. Say in the note what took the time."


class TooLate(Conflict):
    """Too long ago to be logged."""

    message = "Service can be logged for {days} days. Ask a steward to bring in older service."


class BackfillFull(Conflict):
    """Too many minutes were logged late for that month."""

    message = "At most {most} minutes a month can be logged late, and {used} already were."


class DayOverfull(Invalid):
    """More than a day's minutes on one day."""

    message = "A day has {most} minutes, and {used} are already logged for it."


class Overlapping(Conflict):
    """The person served elsewhere at that time."""

    message = "At that time service is already logged (record {record_id}). Correct the times."


class AlreadyLogged(Conflict):
    """The person has a record on this occasion."""

    message = "This service was already logged on this occasion (record {record_id})."


class ImportDiffers(Conflict):
    """The file says other minutes than the record."""

    message = "Record {record_id} says {minutes} minutes for the same person and occasion."


class PersonElsewhere(Conflict):
    """The person's points are kept by another committee."""

    message = "This person belongs to another neighbourhood, which keeps its own points."


class PersonNotHere(Missing):
    """No such person, or the account is closed."""

    message = "There is no such person here, or the account is closed."


class NotYoursToLog(Forbidden):
    """Service is logged by oneself, a guardian, or in a roll-call."""

    message = "You can log your own service. Others are entered in a roll-call."


class RollCallForbidden(Forbidden):
    """Not the leader, nor anybody responsible here."""

    message = "Only the leader, an organizer or a steward may call the roll here."


class NotYourStairwell(Forbidden):
    """A stairwell leader enters those of her stairwell only."""

    message = "You can enter the residents of your own stairwell only."


class ReasonNeeded(Invalid):
    """No reason was given, or one too long."""

    message = "Give a reason of 1 to {most} characters."


class RollCallEmpty(Invalid):
    """No rows, or far too many."""

    message = "A roll-call has 1 to {most} rows."


class RollCallTwice(Invalid):
    """The same person stands in two rows."""

    message = "This person stands in the list twice."


class RollCallRefused(Invalid):
    """Some rows cannot be kept; none was."""

    message = "{count} rows need a correction. Nothing was kept yet."


class RecordNotWaiting(Conflict):
    """The record is no longer waiting for a decision."""

    message = "This record is no longer waiting: it was decided or withdrawn meanwhile."


class NotConfirmed(Conflict):
    """Only a confirmed record can be voided."""

    message = "Only a confirmed record can be taken back."


class WithdrawForbidden(Forbidden):
    """Only the volunteer, or who logged it, takes it back."""

    message = "Only the volunteer or whoever logged it can withdraw this record."


# --- confirming ---------------------------------------------------------------------------------


class OwnRecord(Forbidden):
    """One's own service."""

    message = "Nobody decides on their own service."


class HouseholdRecord(Forbidden):
    """Service of one's own household."""

    message = "Nobody decides on the service of their own household."


class GuardianMustAgree(Forbidden):
    """A child serves only where somebody who answers for it agreed."""

    message = (
        "Who is under 18 serves once a guardian has agreed. "
        "The guardian does so under Me, What I agreed to."
    )


class WardRecord(Forbidden):
    """Service of somebody for whom one answers, or answered that day."""

    message = "Nobody decides on the service of a child for whom they answer."


class LoggedByYou(Forbidden):
    """She entered it herself."""

    message = "You entered this record, so somebody else has to decide on it."


class OccasionByYou(Forbidden):
    """She created the occasion."""

    message = "You created this occasion, so somebody else has to decide on it."


class StewardOnly(Forbidden):
    """Unusual hours."""

    message = "These hours are unusual, so a steward has to look at them."


class NotCovering(Forbidden):
    """No role here."""

    message = "Only those with a role in this area may decide on its service."


class VoidBySteward(Forbidden):
    """Taking back a confirmation is a steward's."""

    message = "Only a steward of this area may take a confirmation back."


class TooManyRecords(Invalid):
    """Too many in one go."""

    message = "Choose 1 to {most} records at a time."
