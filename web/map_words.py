"""What the script of the talent map says, handed to it in the language of the page."""

from collections.abc import Mapping

from web.i18n import N_

WORDS: Mapping[str, str] = {
    "zoom_in": N_("Closer"),
    "zoom_out": N_("Further away"),
    "map": N_("Map of the neighbourhood; move it with the arrow keys, plus and minus"),
    "trouble": N_("The map cannot be reached at the moment. The list still works."),
    "loading": N_("One moment …"),
    # Marks, as they are read out.
    "group": N_("{name}: {n} neighbours with a skill, {m} activities"),
    "gatherings": N_("{name}: {m} activities"),
    "place": N_("{name}: nobody is shown here"),
    "here": N_("Several places"),
    "pins": N_("{n} activities here"),
    "pin_gathering": N_("{name}: {taken} of {minimum} neighbours so far"),
    "pin_confirmed": N_("{name}: takes place, {taken} of {capacity} seats taken"),
    # Under the map.
    "all": N_("{total} found, all of them on this piece of the map"),
    "part": N_("{shown} of {total} are on this piece of the map"),
    "elsewhere": N_(
        "Nothing on this piece of the map; {total} elsewhere. Move it or go further away."
    ),
    "nothing": N_("Nothing found. Take something away from what you look for."),
    # In the sheet.
    "counted": N_("Neighbours with a skill: {n}. Activities: {m}."),
    "neighbours": N_("Who can help here"),
    "gather_here": N_("What gathers here"),
    "several": N_("{n} activities"),
    "first_of": N_("{n} of {all} are shown."),
    "in_list": N_("Show in the list"),
    "signed_up": N_("You come along"),
    "nobody": N_("Nobody here matches what you look for."),
    "recognised": N_("recognised by the office"),
    "level_teach": N_("Can teach it"),
    "level_certified": N_("With a certificate"),
    "gathering": N_("{taken} / {minimum} people, {missing} still needed"),
    "confirmed": N_("Takes place · {taken} / {capacity} seats"),
    "details": N_("More about it"),
    "sign_in": N_("Sign in and come along"),
}
