"""What the codes of catalogue, committee and store are called on a page."""

from collections.abc import Mapping

from web.i18n import N_

KINDS: Mapping[str, str] = {
    "goods": N_("Goods"),
    "service": N_("A service"),
    "thanks": N_("A thank-you"),
}
AUDIENCES: Mapping[str, str] = {
    "all": N_("everybody"),
    "adults": N_("adults"),
    "elders": N_("people of 60 and older"),
}
STATES: Mapping[str, tuple[str, str]] = {
    "requested": ("waiting", N_("With the committee")),
    "approved": ("done", N_("Ready to collect")),
    "refused": ("stop", N_("Turned down")),
    "cancelled": ("quiet", N_("Cancelled")),
    "uncollected": ("quiet", N_("Not collected")),
    "handed_over": ("done", N_("Handed over")),
    "returned": ("quiet", N_("Returned")),
}
STEP_KINDS: Mapping[str, str] = {
    "done": "done",
    "refused": "stop",
    "now": "waiting",
    "next": "quiet",
}
CHOICES: Mapping[str, tuple[str, str]] = {
    "approve": ("done", N_("Voted for")),
    "refuse": ("stop", N_("Voted against")),
    "recuse": ("quiet", N_("Stood back")),
}
MOVES: Mapping[str, str] = {
    "receive": N_("Came in"),
    "reserve": N_("Reserved"),
    "unreserve": N_("Free again"),
    "hand_out": N_("Handed out"),
    "take_back": N_("Came back"),
    "lose": N_("Lost"),
}
# What a drafter can put beside an item that has no photo; each is an icon of the sprite.
ICONS: Mapping[str, str] = {
    "gift": N_("A present"),
    "shopping-bag": N_("Something for the household"),
    "bottle": N_("A bottle"),
    "bowl-chopsticks": N_("Food"),
    "scissors": N_("Haircut, grinding, repair"),
    "stethoscope": N_("Health"),
    "book": N_("A lesson or a book"),
    "building-community": N_("A room"),
    "calendar-event": N_("A place at an activity"),
    "heart-handshake": N_("Help from a volunteer"),
    "certificate": N_("A letter of thanks"),
    "medal": N_("An honour"),
    "seedling": N_("A plant"),
    "heart": N_("For somebody in need"),
}
# The facts of a refusal that are codes, by the name of the fact.
FACTS: Mapping[str, Mapping[str, str]] = {
    "audience": AUDIENCES,
    "state": {code: word for code, (_, word) in STATES.items()},
    "field": {"name": N_("Name of the item"), "sponsor": N_("Who gives it?")},
}
