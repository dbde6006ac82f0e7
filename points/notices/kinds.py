"""What can be told, as English sentences (gettext message ids) with places for facts.

The row of a notice keeps its kind and its facts; the sentence is made when it is read, in the
language of the one who reads.  A fact whose name ends in ``_at`` is a moment, one that ends in
``_on`` is a day; they are shown as the reader writes them.
"""

import json
import string
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final


def N_(message: str) -> str:  # noqa: N802 - the customary name that extraction looks for
    """Mark a message to be translated where it is shown."""
    return message


KINDS: Final[Mapping[str, str]] = {
    # Activities.
    "activity_confirmed": N_("{title} will take place: {seats} neighbours signed up."),
    "activity_lapsed": N_(
        "{title} does not take place: {seats} of {minimum} neighbours signed up."
    ),
    "activity_cancelled": N_("{title} was cancelled: {reason}"),
    "activity_reopened": N_("{title} is gathering again: it needs {missing} more neighbours."),
    "activity_moved_up": N_("You moved up from the waiting list: you take part in {title}."),
    "activity_signed_up_for_you": N_("{name} signed you up for {title}."),
    "activity_withdrawn_for_you": N_("{name} withdrew you from {title}."),
    "activity_reminder": N_("Tomorrow: {title}, {starts_at}, {place}."),
    "activity_roll_call": N_("{title} is over. Please call the roll."),
    "pledge_returned": N_("{points} points you pledged to {title} are yours again."),
    "pledge_spent": N_("{points} points you pledged to {title} were spent on {item}."),
    # The committee and what is asked of it.
    "redemption_to_decide": N_("{name} asks for {item}. Please decide by {decide_at}."),
    "redemption_overdue": N_("The request for {item} was not decided by {decide_at}. Please help."),
    "stand_in_appointed": N_("You stand in for the committee in the request for {item}."),
    "item_to_adopt": N_("{item} was drafted for the catalogue. Please adopt it or not."),
    # One's own requests.
    "redemption_requested_for_you": N_("{name} asked for {item} for you."),
    "redemption_approved": N_("Your request for {item} was approved. Collect it by {collect_at}."),
    "redemption_refused": N_("Your request for {item} was refused: {reason}"),
    "redemption_cancelled": N_(
        "The request for {item} is cancelled. {points} points are yours again."
    ),
    "redemption_collect_soon": N_("{item} waits for you until {collect_at}."),
    "redemption_uncollected": N_("{item} was not collected. {points} points are yours again."),
    "redemption_handed_over": N_("{item} was handed over to {collected_by}."),
    "redemption_returned": N_("{item} was returned. {points} points are yours again."),
    # Points.
    "points_expiring": N_("{points} points expire after {expires_on}. Use them in time."),
    "points_expired": N_("{points} points expired and went to the community pool."),
    # Talents.
    "talent_message": N_("{name} wrote to you through the talent map."),
    "talent_message_to_child": N_("{name} wrote to {child} through the talent map."),
    "talent_message_to_bring": N_(
        "{name} wrote to {neighbour} through the talent map. Please pass it on by hand: "
        "{neighbour} has no account."
    ),
    "talent_written_for_you": N_("{name} looked after your talent profile for you."),
    "talent_message_reported": N_("A message on the talent map was reported. Please look at it."),
    "activity_with_you": N_(
        "{name} proposes {title}, led by you. If that is not right, call it off."
    ),
    "talent_recognised": N_("The office recognised a skill of yours: {skill}."),
    # Pools.
    "pool_joined": N_("{name} takes part in the pool of your household now."),
    "pool_left": N_("{name} left the pool of your household and took back what was unspent."),
    "pool_spent": N_("The pool of your household pays {points} points for {item}."),
    "grant_to_decide": N_("A grant of {points} points waits for a second person."),
    "relief_granted": N_("The community pool gave you {points} points: {reason}"),
    "honour_granted": N_("Your stairwell was honoured with {points} points: {reason}"),
    "honour_spent": N_("{points} points of your stairwell's honour were spent: {reason}"),
    # Objections and appeals.
    "dispute_raised": N_("Somebody objects to {title}. {points} points wait until it is decided."),
    "dispute_to_answer": N_("An objection to {title} waits for an answer by {decide_at}."),
    "dispute_answered_yes": N_(
        "The objection to {title} was found right: {reason} You can ask for a review by {until_at}."
    ),
    "dispute_answered_no": N_(
        "The objection to {title} was not found right: {reason} "
        "You can ask for a review by {until_at}."
    ),
    "dispute_to_review": N_("Three others are to review {title} by {decide_at}. Please vote."),
    "dispute_overdue": N_("The objection to {title} was not decided by {decide_at}. Please help."),
    "dispute_upheld": N_("The objection to {title} is upheld: {reason}"),
    "dispute_rejected": N_("The objection to {title} is rejected: {reason}"),
    "appeal_to_put_right": N_("The appeal over {title} is upheld. Please put it right: {reason}"),
    # Service.
    "service_confirmed": N_("{title} was confirmed: {minutes} minutes, {points} points."),
    "service_refused": N_("{title} was not confirmed: {reason}"),
}


def fact_names(kind: str) -> frozenset[str]:
    """The facts that the sentence of a kind needs."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(KINDS[kind]) if name)


def facts_to_text(kind: str, facts: Mapping[str, object]) -> str:
    """The facts as they are kept; refuses a kind or a set of facts nobody could tell later."""
    missing = fact_names(kind) - facts.keys()
    if missing:
        raise ValueError(f"a notice {kind} needs {', '.join(sorted(missing))}")
    return json.dumps(dict(facts), ensure_ascii=False, sort_keys=True, default=_plain)


def facts_from_text(text: str) -> dict[str, Any]:
    """The kept facts, moments and days as such again."""
    return {name: _typed(name, value) for name, value in json.loads(text).items()}


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} is not a fact of a notice")


def _typed(name: str, value: Any) -> Any:
    if isinstance(value, str) and name.endswith("_at"):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and name.endswith("_on"):
        return date.fromisoformat(value)
    return value
