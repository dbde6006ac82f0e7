"""The minutes of a committee as a PDF: to print, to sign, to pin up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from points.rewards.committee import Decision, Minutes, VoteLine
from web.i18n import Translator
from web.paper import BODY_PT, INK, LINE_MM, SOFT, Paper
from web.reward_words import CHOICES

VOTE_COLUMNS: Final = (32, 22, 72, 48)


def minutes_pdf(minutes: Minutes, say: Translator, made_at: datetime) -> bytes:
    """The minutes as a file.  It takes a moment: call it in a thread."""
    paper = _MinutesPaper(title=say.gettext("Minutes of the committee"), say=say, made_at=made_at)
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


class _MinutesPaper(Paper):
    """The minutes, one decision after the other."""

    def decision(self, number: int, decision: Decision) -> None:
        """One request, what became of it, and every vote with its reason."""
        if self.will_page_break(LINE_MM * (5 + len(decision.votes))):
            self.add_page()
        self.ln(4)
        self.write_in(INK, 13)
        _ = self.say.gettext
        outcome = _("Approved") if decision.approved else _("Turned down")
        points = self.say.points(decision.price)
        self.paragraph(f"{number}. {decision.item_name} · {points} · {outcome}", 8)
        self.write_in(SOFT, BODY_PT)
        for text in self._about(decision):
            self.paragraph(text)
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
        head = self.table_head()
        with self.table(
            col_widths=VOTE_COLUMNS, line_height=LINE_MM, headings_style=head, align="LEFT",
            text_align="LEFT", borders_layout="HORIZONTAL_LINES",
        ) as table:  # fmt: skip
            table.row([_("Who"), _("Vote"), _("Reason"), _("When")])
            for vote in votes:
                name = _("{name} (stands in)", name=vote.name) if vote.stands_in else vote.name
                choice, when = _(CHOICES[vote.choice][1]), self.say.date_time(vote.voted_at)
                said = (name, choice, vote.reason or "—", when)
                table.row([self.printable(text) for text in said])
