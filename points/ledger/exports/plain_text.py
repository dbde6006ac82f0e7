"""The books for beancount and hledger, which check them by their own rules.

How our books map to theirs:

===============================  ============================================  ===============
account                          theirs                                        sign of balance
===============================  ============================================  ===============
issuer, issuer_minutes           Equity:Book1:Issuer, Equity:Book1:IssuerMinutes  negative
member, commons, every other     Assets:Book1:Member:A77, Assets:Book1:Commons    positive
arrears                          Liabilities:Book1:Arrears:A78                    negative
redeemed                         Expenses:Book1:Redeemed                          positive
===============================  ============================================  ===============

Points and minutes are two commodities, POINTS and MINUTES.  A posting is one transaction on the day
it was entered; a transfer is two of its lines, and the vintage of points stands as metadata (a tag)
on both.  An account is known by its number in the books.  Every balance that the books keep is
asserted at the end, so the checker itself finds a difference; what came before the first day that
was asked for stands in one opening transaction.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Protocol

from points.ledger.books import zone_of_book
from points.ledger.exports.rows import (
    Account,
    Span,
    accounts_of,
    day_of,
    last_posting,
    transfers_of_book,
)
from points.ledger.sealing.reading import Row, postings

ROOTS: Final = {
    "issuer": "Equity",
    "issuer_minutes": "Equity",
    "arrears": "Liabilities",
    "redeemed": "Expenses",
}
COMMODITIES: Final = {"points": "POINTS", "minutes": "MINUTES"}
FIRST_DAY: Final = date(1970, 1, 1)
Progress = Callable[[int], None]
Leg = tuple[str, int, str, date | None]


def account_name(kind: str, book_id: int, account_id: int, owner_id: int) -> str:
    """An account as both programs write it; of its owner only the number of the account."""
    camel = "".join(part.capitalize() for part in kind.split("_"))
    number = [f"A{account_id}"] if owner_id else []
    return ":".join([ROOTS.get(kind, "Assets"), f"Book{book_id}", camel, *number])


class Grammar(Protocol):
    """What the two programs write differently."""

    def head(self) -> str:
        """The beginning of the file."""

    def opened(self, name: str, commodity: str, owner: str) -> str:
        """An account."""

    def posting(self, day: date, what: str, note: str, legs: Iterable[Leg]) -> str:
        """A posting."""

    def asserted(self, day: date, balances: Iterable[tuple[str, int, str]]) -> str:
        """What the accounts hold at the end of ``day``."""


class Beancount:
    """beancount 3."""

    def head(self) -> str:
        """The beginning of the file."""
        days = f"{FIRST_DAY} commodity POINTS\n{FIRST_DAY} commodity MINUTES\n"
        return f'option "title" "Linli"\noption "operating_currency" "POINTS"\n{days}\n'

    def opened(self, name: str, commodity: str, owner: str) -> str:
        """An account."""
        note = f'  name: "{_quoted(owner)}"\n' if owner else ""
        return f"{FIRST_DAY} open {name} {commodity}\n{note}"

    def posting(self, day: date, what: str, note: str, legs: Iterable[Leg]) -> str:
        """A posting."""
        lines = [f'\n{day} * "{_quoted(what)}" "{_quoted(note)}"\n']
        for name, amount, commodity, vintage in legs:
            lines.append(f"  {name}  {amount} {commodity}\n")
            lines += [f"    vintage: {vintage}\n"] if vintage else []
        return "".join(lines)

    def asserted(self, day: date, balances: Iterable[tuple[str, int, str]]) -> str:
        """Beancount looks at the beginning of a day."""
        next_day = day + timedelta(days=1)
        return "".join(
            f"{next_day} balance {name}  {amount} {commodity}\n"
            for name, amount, commodity in balances
        )


class Hledger:
    """hledger 1.25 and later."""

    def head(self) -> str:
        """The beginning of the file."""
        return "commodity 1000. POINTS\ncommodity 1000. MINUTES\n\n"

    def opened(self, name: str, commodity: str, owner: str) -> str:
        """An account."""
        return f"account {name}{f'  ; name:{_one_line(owner)}' if owner else ''}\n"

    def posting(self, day: date, what: str, note: str, legs: Iterable[Leg]) -> str:
        """A posting."""
        lines = [f"\n{day} * {_one_line(what)} | {_one_line(note)}\n"]
        for name, amount, commodity, vintage in legs:
            tag = f"  ; vintage:{vintage}" if vintage else ""
            lines.append(f"    {name}  {amount} {commodity}{tag}\n")
        return "".join(lines)

    def asserted(self, day: date, balances: Iterable[tuple[str, int, str]]) -> str:
        """A line of nothing that says what there is."""
        lines = "".join(
            f"    {name}  0 {commodity} = {amount} {commodity}\n"
            for name, amount, commodity in balances
        )
        return f"\n{day} * balances\n{lines}" if lines else ""


@dataclass(slots=True)
class _Seen:
    """What was before the span, per account, and the last day that was written."""

    before: dict[int, int] = field(default_factory=dict)
    last: date = FIRST_DAY


async def plain_text(
    books: Sequence[int], grammar: Grammar, *, span: Span, names: bool, progress: Progress
) -> AsyncIterator[str]:
    """The journal of some books, in a snapshot; ``progress`` hears of transfers read."""
    yield grammar.head()
    up_to = await last_posting()
    for book_id in books:
        async for account in accounts_of(book_id, names=names):
            name = account_name(account.kind, book_id, account.id, account.owner_id)
            yield grammar.opened(name, COMMODITIES[account.unit], account.name)
        seen = _Seen()
        async for text in _transactions(book_id, up_to, grammar, span, names, seen, progress):
            yield text
        if span.last is None:
            async for text in _assertions(book_id, grammar, seen):
                yield text


async def _transactions(
    book_id: int,
    up_to: int,
    grammar: Grammar,
    span: Span,
    names: bool,
    seen: _Seen,
    progress: Progress,
) -> AsyncIterator[str]:
    zone, opening = await zone_of_book(book_id), span.first
    if opening is not None:
        async for rows in transfers_of_book(book_id, up_to=up_to):
            _add_up((row for row in rows if span.place(day_of(row, zone)) < 0), seen.before)
        async for text in _opening(book_id, opening, grammar, seen.before):
            yield text
    async for rows in transfers_of_book(book_id, up_to=up_to):
        for lines in postings(rows):
            day = day_of(lines[0], zone)
            if span.place(day) == 0:
                seen.last = max(seen.last, day)
                yield _transaction(lines, day, grammar, names)
        progress(len(rows))


def _transaction(lines: list[Row], day: date, grammar: Grammar, names: bool) -> str:
    first = lines[0]
    note = f"posting {first['posting_id']}"
    # Somebody wrote the reason: it may name people.
    note = f"{note}: {first['reason']}" if names else note
    return grammar.posting(day, str(first["kind"]), note, _legs(lines))


def _legs(lines: list[Row]) -> Iterator[Leg]:
    for row in lines:
        commodity = COMMODITIES[row["unit"]]
        for side, sign in (("source", -1), ("target", 1)):
            name = account_name(
                str(row[f"{side}_kind"]),
                int(row["book_id"]),
                int(row[f"{side}_id"]),
                int(row[f"{side}_owner"]),
            )
            yield name, sign * int(row["amount"]), commodity, row["vintage"]


def _add_up(rows: Iterable[Row], sums: dict[int, int]) -> None:
    for row in rows:
        amount = int(row["amount"])
        sums[row["source_id"]] = sums.get(row["source_id"], 0) - amount
        sums[row["target_id"]] = sums.get(row["target_id"], 0) + amount


async def _opening(
    book_id: int, first: date, grammar: Grammar, before: Mapping[int, int]
) -> AsyncIterator[str]:
    """What every account held before the first day; it adds up to nothing by itself."""
    legs = [
        (_named(account), before[account.id], COMMODITIES[account.unit], None)
        async for account in accounts_of(book_id, names=False)
        if before.get(account.id)
    ]
    if legs:
        day = first - timedelta(days=1)
        yield grammar.posting(day, "opening", "what came before", legs)


async def _assertions(book_id: int, grammar: Grammar, seen: _Seen) -> AsyncIterator[str]:
    batch: list[tuple[str, int, str]] = []
    async for account in accounts_of(book_id, names=False):
        if account.balance is not None:
            batch.append((_named(account), account.balance, COMMODITIES[account.unit]))
        if len(batch) >= 1_000:
            yield grammar.asserted(seen.last, batch)
            batch = []
    yield grammar.asserted(seen.last, batch)


def _named(account: Account) -> str:
    return account_name(account.kind, account.book_id, account.id, account.owner_id)


def _quoted(text: str) -> str:
    return _one_line(text).replace("\\", "\\\\").replace('"', '\\"')


def _one_line(text: str) -> str:
    """Without what would end a line or a tag, or begin a comment."""
    return "".join(" " if one in "\r\n;,|" or not one.isprintable() else one for one in text)
