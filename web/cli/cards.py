"""Cards with which people first come in: on the terminal, and as a sheet to print and cut."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import click
import segno

from web.cli.running import language
from web.i18n import translator
from web.labels import ROLES
from web.templating import render


@dataclass(frozen=True, slots=True)
class Card:
    """What one person needs to come in: a one-time code, or a password of the demo."""

    name: str
    role: str
    login: str
    code: str = ""
    password: str = ""
    note: str = ""


def print_cards(cards: Sequence[Card]) -> None:
    """The cards on the terminal."""
    words = translator(language())
    for card in cards:
        role = words.gettext(ROLES[card.role])
        kind = words.gettext("One-time code") if card.code else words.gettext("Password")
        click.echo(f"  {role:<10}\t{card.name}\t{card.login}\t{kind} {card.code or card.password}")


def write_sheet(file: Path, cards: Sequence[Card], *, url: str) -> Path:
    """The cards as one HTML file that only its owner can read."""
    shown = []
    for card in cards:
        path = f"/join?code={quote(card.code)}" if card.code else "/sign-in"
        address = url.rstrip("/") + path
        shown.append(
            {
                "name": card.name,
                "role_label": ROLES[card.role],
                "login": card.login,
                "code": card.code,
                "secret": card.code or card.password,
                "address": address,
                "qr": segno.make(address).svg_data_uri(scale=3, border=0),
            }
        )
    html = render("prints/cards.html", language=language(), elder_mode=False, cards=shown)
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as sheet:
        sheet.write(html)
    return file
