"""Where an upload stands and what its page says: numbers, reasons, and what a datum would do."""

from collections.abc import Mapping
from typing import Any, Final

from web.i18n import N_, Translator
from web.import_folder import GROUPS, Upload, problem_of, refused
from web.sheets import said_others

# Below this, towns drawn a little differently; above it, another datum.
DOUBT_SHARE: Final = 0.05
# What ties, and what one would call clearly better.
CLEARLY: Final = 0.5

KIND_WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "people": (
        "users",
        N_("A list of residents"),
        N_("Names, phones or cards, buildings. Who is new is enrolled, who changed is corrected."),
    ),
    "service": (
        "heart-handshake",
        N_("Service that was done"),
        N_("Who did what, when, how long. It waits to be confirmed by somebody else."),
    ),
    "activities": (
        "calendar-event",
        N_("Activities"),
        N_("What has been becomes an archive, what is to come gathers."),
    ),
    "places": (
        "map-pin",
        N_("Places on the map"),
        N_("Estates, buildings or subdistricts with coordinates or outlines."),
    ),
}
DATUM_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "wgs84": ("WGS-84", N_("GPS, OpenStreetMap, Tianditu 天地图")),
    "gcj02": ("GCJ-02", N_("AMap 高德, Tencent 腾讯")),
    "bd09": ("BD-09", N_("Baidu 百度")),
}
GROUP_WORDS: Final[Mapping[str, str]] = {
    "refused": N_("Refused"),
    "held_back": N_("Held back"),
    "notes": N_("Taken, with a note"),
}
CHIPS: Final[Mapping[str, tuple[str, str]]] = {
    "working": ("info", N_("Being worked on")),
    "kept": ("done", N_("Kept")),
    "refused": ("stop", N_("Cannot be read")),
    "stopped": ("stop", N_("Stopped")),
    "objected": ("stop", N_("Refused")),
    "asks": ("waiting", N_("Asks for the datum")),
    "tried": ("waiting", N_("Waits for your decision")),
}


def stage(one: Upload) -> str:
    """working, kept, refused, asks (for the datum), tried, objected, or stopped half-way."""
    if one.work() is not None:
        return "working"
    if one.told("kept") is not None:
        return "kept"
    look, choice, tried = (one.told(what) for what in ("look", "choice", "try"))
    if look is None:
        return "stopped"
    if "refusal" in look:
        return "refused"
    if look["asks_datum"] and choice is None:
        return "asks"
    if tried is None or tried["choice"] != (choice or {}):
        return "stopped"
    return "objected" if "refusal" in tried else "tried"


def stage_chip(one: Upload) -> tuple[str, str]:
    """(Kind of chip, message id)."""
    return CHIPS[stage(one)]


def view(one: Upload, said: Translator) -> dict[str, Any]:
    """What the page of an upload is made of."""
    look, tried, kept = (one.told(what) or {} for what in ("look", "try", "kept"))
    found = kept if kept else tried
    trouble = look.get("refusal") or tried.get("refusal")
    report = found.get("report")
    return {
        "stage": stage(one),
        "work": one.work() or {},
        "look": look if "recognised" in look else None,
        "sheets": said_others(look["title"], look["others"], said) if look.get("others") else "",
        "choice": {"datum": "", "accept_far": False, **(one.told("choice") or {})},
        "stopped_keeping": one.told("keeping") is not None and not kept,
        "trouble": said.refusal(refused(trouble)) if trouble else "",
        "report": report,
        "rows": _rows(report, said) if report else [],
        "datums": _datums(look["map"], said) if look.get("map") else [],
        "doubt": _doubt(look["map"], one.told("choice") or {}, said) if look.get("map") else "",
        "kinds": KIND_WORDS,
    }


def _rows(report: Mapping[str, Any], said: Translator) -> list[tuple[str, str, list[Any]]]:
    """(Group, its word, the first rows with their reasons)."""
    return [
        (name, said.gettext(GROUP_WORDS[name]), [
            (row.line, row.column, row.value, said.refusal(row.error))
            for row in map(problem_of, report["first"][name])
        ])
        for name in GROUPS
        if report["first"][name]
    ]  # fmt: skip


# --- datums


def percent(share: float) -> str:
    """0 %, 0.3 %, 45 %."""
    return f"{share * 100:.1f} %" if 0 < share < 0.0995 else f"{share * 100:.0f} %"


def _datums(found: Mapping[str, Any], said: Translator) -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "name": name,
            "note": said.gettext(note),
            "usable": found["looks"][code]["points"] > 0,
            "sentences": _measured(found, code, said),
            "doubtful": _doubtful(found, code),
        }
        for code, (name, note) in DATUM_WORDS.items()
    ]


def _measured(found: Mapping[str, Any], code: str, said: Translator) -> list[str]:
    """What was counted, in sentences; nothing is concluded from it here."""
    look = found["looks"][code]
    if not look["points"]:
        return [said.gettext("The file has no coordinates of this kind.")]
    sentences = []
    if found["reference"] == "file":
        sentences.append(said.gettext(
            "{share} would land in another subdistrict than the file says.",
            share=percent(look["elsewhere"]),
        ))  # fmt: skip
    elif found["reference"] == "here":
        sentences.append(said.gettext(
            "{share} would land outside {town}.",
            share=percent(look["elsewhere"]), town=found["here"],
        ))  # fmt: skip
    elif found["towns"]:
        sentences += _compared(look, said)
    if look["far"]:
        sentences.append(said.ngettext(
            "One row is far away and would be held back.",
            "{n} rows are far away and would be held back.", look["far"],
        ))  # fmt: skip
    return sentences


def _compared(look: Mapping[str, Any], said: Translator) -> list[str]:
    outside = said.gettext(
        "{share} would lie in none of the subdistricts known here.", share=percent(look["outside"])
    )
    other = max(look["differing"], key=lambda code: look["differing"][code])
    differing = said.gettext(
        "{share} would land in another subdistrict than under {datum}.",
        share=percent(look["differing"][other]), datum=DATUM_WORDS[other][0],
    )  # fmt: skip
    return [differing, outside]


def _doubtful(found: Mapping[str, Any], code: str) -> bool:
    """Whether another datum fits clearly better, where that can be measured."""
    share = float(found["looks"][code]["elsewhere"])
    best = float(_best(found)["share"])
    return found["reference"] != "none" and share >= DOUBT_SHARE and best <= CLEARLY * share


def _best(found: Mapping[str, Any]) -> dict[str, Any]:
    usable = {code: look for code, look in found["looks"].items() if look["judged"]}
    if not usable:
        return {"code": "", "share": 1.0}
    code = min(usable, key=lambda one: usable[one]["elsewhere"])
    return {"code": code, "share": usable[code]["elsewhere"]}


def _doubt(found: Mapping[str, Any], choice: Mapping[str, Any], said: Translator) -> str:
    """The question before keeping, where the datum that was said looks wrong or matters much."""
    code = str(choice.get("datum"))
    if code not in found["looks"] or not found["looks"][code]["points"]:
        return ""
    look, name = found["looks"][code], DATUM_WORDS[code][0]
    if found["reference"] != "none":
        if not _doubtful(found, code):
            return ""
        best = _best(found)
        return said.gettext(
            "Read as {datum}, {share} would land in the wrong subdistrict; as {other} it would be "
            "{less}. Is this {other}?",
            datum=name, share=percent(look["elsewhere"]),
            other=DATUM_WORDS[best["code"]][0], less=percent(best["share"]),
        )  # fmt: skip
    strays = {other: share for other, share in look["differing"].items() if share >= DOUBT_SHARE}
    if not strays:
        return ""
    other = max(strays, key=lambda one: strays[one])
    return said.gettext(
        "Read as {datum}, {share} would land in another subdistrict than as {other}. Is this "
        "really {datum}, and not {other}? Ask whoever made the list.",
        datum=name, share=percent(strays[other]), other=DATUM_WORDS[other][0],
    )  # fmt: skip
