"""What the books keep about an award, in the words of a neighbour.

The ledger keeps reasons as facts (see points.service.rules); each kind has its sentence here.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from points.ledger.statement import EntryLine, PostingDetail
from points.pools import gifts
from points.service.categories import category_of
from points.service.rules import UNITS_PER_POINT
from web.i18n import N_, Translator

Reason = Mapping[str, str | int]

SENTENCES = {
    "policy": N_("Counted by version {number} of the points policy, in force since {since}."),
    "rate": N_("{hours} of service, at {rate} points an hour."),
    "backfilled": N_(
        "It was logged more than {days} days afterwards: the hours count, points do not."
    ),
    "multiplier": N_("Kind of service: {category}. An hour counts {times} times."),
    "leader_bonus": N_("For leading it: {percent} % more."),
    "combined_max": N_("Together an hour counts at most {times} times."),
    "cap_day": N_("At most {cap} points come in on one day: {cut} points stay out."),
    "cap_month": N_("At most {cap} points come in in one month: {cut} points stay out."),
    "cap_year": N_("At most {cap} points come in in one year: {cut} points stay out."),
    "recount": N_("Other service of that time counts anew: {change} points."),
    "remainder": N_(
        "Parts of a point are never lost: {before} came from last time, {after} wait for next time."
    ),
}


WHAT = {
    "reversal": N_("Taken back: {reason}"),
    "recount": N_("Counted anew: {reason}"),
    "hold": N_("Set aside: {reason}"),
    "release": N_("Given back: {reason}"),
    "fulfil": N_("Spent: {reason}"),
    "expire": N_("Expired: went to the community pool"),
    "pool": N_("Between me and the pool of my household"),
    "donate": N_("Given to the community pool"),
    "grant": N_("Granted: {reason}"),
}
# Reasons that the books write themselves; all others are somebody's own words.
OWN_WORDS = {gifts.UNDONE: N_("Donation taken back")}


def what_of(say: Translator) -> Callable[[EntryLine | PostingDetail], str]:
    """What says of an entry what it was for; a change to an earlier one says so."""

    def what(line: EntryLine | PostingDetail) -> str:
        if line.kind not in WHAT:
            return line.reason
        reason = say.gettext(OWN_WORDS[line.reason]) if line.reason in OWN_WORDS else line.reason
        return say.gettext(WHAT[line.kind], reason=reason)

    return what


def sentences(reasons: Iterable[Reason], words: Translator) -> list[str]:
    """The reasons line by line; a kind that is not known any more is left out."""
    said = []
    for reason in reasons:
        kind = str(reason.get("kind"))
        name = f"cap_{reason['period']}" if kind == "cap" else kind
        if name in SENTENCES:
            said.append(words.gettext(SENTENCES[name], **_facts(reason, words)))
    return said


def _facts(reason: Reason, words: Translator) -> dict[str, str]:
    facts = {name: str(value) for name, value in reason.items()}
    if "effective_from" in reason:
        facts["since"] = words.date(date.fromisoformat(str(reason["effective_from"])))
    if "minutes" in reason:
        facts |= {"hours": words.hours(int(reason["minutes"]))}
        facts |= {"rate": words.number(int(reason["points_per_hour"]))}
    if "points" in reason:
        facts["change"] = words.signed(int(reason["points"]))
    if "percent" in reason:
        facts["times"] = words.number(int(reason["percent"]) / 100)
    if "category" in reason:
        category = category_of(str(reason["category"]))
        facts["category"] = words.gettext(category.label) if category else facts["category"]
    if "cut_exact" in reason:
        facts["cap"] = words.number(int(reason["cap_points"]))
        facts["cut"] = _points(int(reason["cut_exact"]), words)
    if "after_exact" in reason:
        facts["before"] = _points(int(reason["before_exact"]), words)
        facts["after"] = _points(int(reason["after_exact"]), words)
    return facts


def _points(exact: int, words: Translator) -> str:
    """An exact worth in points, to the hundredth."""
    return words.number(round(exact / UNITS_PER_POINT, 2))
