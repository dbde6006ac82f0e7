"""Paper: what every PDF of ours shares.

The font is inside, cut down to the characters in use, so that a page looks the same everywhere.
Making one takes a moment: call it in a thread.
"""

from datetime import datetime
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace, TTFFont

from web.i18n import Translator
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


class Paper(FPDF):
    """An A4 page with the font inside and a number at its foot."""

    def __init__(self, *, title: str, say: Translator, made_at: datetime) -> None:
        super().__init__(format="A4")
        self.say, self.made_at = say, made_at
        self.set_creation_date(made_at)
        self.set_lang("zh-CN" if say.language == "zh" else "en")
        self.set_title(title)
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
        self.write_in(SOFT, 8.5)
        made = self.say.gettext("Made on {when}", when=self.say.date_time(self.made_at))
        self.cell(0, LINE_MM, made)
        self.set_x(MARGIN_MM)
        self.cell(0, LINE_MM, str(self.page_no()), align="R")

    def head(self, text: str, place: str) -> None:
        """What this is, and of whom."""
        self.write_in(SOFT, BODY_PT)
        self.paragraph(place)
        self.write_in(INK, 18)
        self.multi_cell(0, 11, self.printable(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def say_line(self, text: str) -> None:
        """A paragraph."""
        self.write_in(INK, BODY_PT)
        self.paragraph(text)

    def paragraph(self, text: str, height: float = LINE_MM) -> None:
        """Text over the whole width, in the ink that is set."""
        self.multi_cell(
            0, height, self.printable(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def table_head(self) -> FontFace:
        """The look of a table's first row; sets the ink of the others."""
        self.write_in(INK, 9.5)
        self.set_draw_color(LINE)
        return FontFace(emphasis="", color=INK, fill_color=WASH)

    def printable(self, text: str) -> str:
        """The text with a mark for every character the font lacks, so that none just vanishes."""
        known = self.known
        return "".join(one if ord(one) in known or one == "\n" else LACKING for one in text)

    def write_in(self, colour: tuple[int, int, int], size: float) -> None:
        """Set ink and size of what follows."""
        self.set_font(FONT, size=size)
        self.set_text_color(*colour)
