"""The minutes of a committee as a PDF: to print, to sign, to pin up.

The font is inside, cut down to the characters in use, so that the page looks the same everywhere.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace, TTFFont

from points.rewards.committee import Decision, Minutes, VoteLine
from web.i18n import Translator
from web.reward_words import CHOICES
from web.templating import STATIC

FONT_FILE: Final = STATIC / "vendor" / "noto-sans-sc" / "NotoSansSC_400Regular.ttf"
FONT: Final = "noto"
MARGIN_MM: Final = 18
BODY_PT: Final = 10.5
LINE_MM: Final = 6
# What printers set where they lack a character.
LACKING: Final = "〓"
INK: Final = (30, 26, 23)
SOFT: Final = (95, 85, 77)
LINE: Final = (150, 140, 130)
WASH: Final = (243, 236, 227)
VOTE_COLUMNS: Final = (32, 22, 72, 48)


def minutes_pdf(minutes: Minutes, say: Translator, made_at: datetime) -> bytes:
    """The minutes as a file.  It takes a moment: call it in a thread."""
    paper = _Paper(say, made_at)
    _ = say.gettext
    paper.head(_("Minutes of the committee"), " · ".join(minutes.area_path))
    paper.say_line(_(
        "From {first} to {last}", first=say.date(minutes.first_day), last=say.date(minutes.last_day)
    ))  # fmt: skip
    names = _(", ").join(member.name for member in minutes.members)
    paper.say_line(_("Members today: {names}", names=names or "—"))
    approved = sum(one.approved for one in minutes.decisions)
    paper.say_line(_(
        "{decided} requests decided: {approved} approved, {refused} refused. {points} approved.",
        decided=len(minutes.decisions), approved=approved,
        refused=len(minutes.decisions) - approved, points=say.points(minutes.points_approved),
    ))  # fmt: skip
    for number, decision in enumerate(minutes.decisions, 1):
        paper.decision(number, decision)
    if not minutes.decisions:
        paper.say_line(_("Nothing was decided in these days."))
    paper.signatures()
    return bytes(paper.output())


class _Paper(FPDF):
    """An A4 page with the font inside and a number at its foot."""

    def __init__(self, say: Translator, made_at: datetime) -> None:
        super().__init__(format="A4")
        self.say, self.made_at = say, made_at
        self.set_creation_date(made_at)
        self.set_lang("zh-CN" if say.language == "zh" else "en")
        self.set_title(say.gettext("Minutes of the committee"))
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(True, margin=MARGIN_MM + 4)
        self.add_font(FONT, fname=FONT_FILE)
        font = self.fonts[FONT]
        assert isinstance(font, TTFFont)
        self.known = font.cmap.keys()
        self.add_page()

    def footer(self) -> None:
        """When it was made, and the number of the page."""
        self.set_y(-MARGIN_MM)
        self._write_in(SOFT, 8.5)
        made = self.say.gettext("Made on {when}", when=self.say.date_time(self.made_at))
        self.cell(0, LINE_MM, made)
        self.set_x(MARGIN_MM)
        self.cell(0, LINE_MM, str(self.page_no()), align="R")

    def head(self, text: str, place: str) -> None:
        """What this is, and of whom."""
        self._write_in(SOFT, BODY_PT)
        self._paragraph(place)
        self._write_in(INK, 18)
        self.multi_cell(0, 11, self._printable(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def say_line(self, text: str) -> None:
        """A paragraph."""
        self._write_in(INK, BODY_PT)
        self._paragraph(text)

    def decision(self, number: int, decision: Decision) -> None:
        """One request, what became of it, and every vote with its reason."""
        if self.will_page_break(LINE_MM * (5 + len(decision.votes))):
            self.add_page()
        self.ln(4)
        self._write_in(INK, 13)
        _ = self.say.gettext
        outcome = _("Approved") if decision.approved else _("Turned down")
        points = self.say.points(decision.price)
        self._paragraph(f"{number}. {decision.item_name} · {points} · {outcome}", 8)
        self._write_in(SOFT, BODY_PT)
        for text in self._about(decision):
            self._paragraph(text)
        self.ln(1)
        self._votes(decision.votes)

    def signatures(self) -> None:
        """Room for two hands."""
        if self.will_page_break(30):
            self.add_page()
        self.ln(12)
        _ = self.say.gettext
        hands = (_("For the committee:"), _("Keeper of the minutes:"))
        self.say_line("    ".join(f"{hand} ________________" for hand in hands))

    def _about(self, decision: Decision) -> Iterable[str]:
        _ = self.say.gettext
        place = " · ".join(decision.area_path[-2:])
        yield _("Asked for by {name}, {place}, on {when}", name=decision.masked_name, place=place,
                when=self.say.date_time(decision.requested_at))  # fmt: skip
        if decision.requested_by_name:
            yield _("{name} asked in the neighbour's place.", name=decision.requested_by_name)
        yield _("Decided on {when}; it needed {quorum} approvals.", quorum=decision.quorum,
                when=self.say.date_time(decision.decided_at))  # fmt: skip

    def _votes(self, votes: Iterable[VoteLine]) -> None:
        _ = self.say.gettext
        self._write_in(INK, 9.5)
        self.set_draw_color(LINE)
        head = FontFace(emphasis="", color=INK, fill_color=WASH)
        with self.table(
            col_widths=VOTE_COLUMNS, line_height=LINE_MM, headings_style=head, align="LEFT",
            text_align="LEFT", borders_layout="HORIZONTAL_LINES",
        ) as table:  # fmt: skip
            table.row([_("Who"), _("Vote"), _("Reason"), _("When")])
            for vote in votes:
                name = _("{name} (stands in)", name=vote.name) if vote.stands_in else vote.name
                choice, when = _(CHOICES[vote.choice][1]), self.say.date_time(vote.voted_at)
                said = (name, choice, vote.reason or "—", when)
                table.row([self._printable(text) for text in said])

    def _paragraph(self, text: str, height: float = LINE_MM) -> None:
        self.multi_cell(
            0, height, self._printable(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def _printable(self, text: str) -> str:
        """The text with a mark for every character the font lacks, so that none just vanishes."""
        known = self.known
        return "".join(one if ord(one) in known or one == "\n" else LACKING for one in text)

    def _write_in(self, colour: tuple[int, int, int], size: float) -> None:
        self.set_font(FONT, size=size)
        self.set_text_color(*colour)
