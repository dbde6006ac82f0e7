"""Bugs that ledgers have had, each as a change of our own source: (name, file, text, planted).

A text that no longer stands in its file exactly once makes the gate fail: a stale patch guards
nothing.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """One planted bug."""

    name: str
    file: str
    text: str
    planted: str


MUTATIONS = tuple(
    Mutation(name, f"points/ledger/{file}.py", text, planted)
    for name, file, text, planted in (
        ("more is spent than there is", "rules",
         "    if points > available:\n", "    if False:\n"),
        ("off by one at the limit", "rules",
         "    if points > available:\n", "    if points > available + 1:\n"),
        ("the last to expire is spent first", "rules",
         "for vintage in holdings)\n    return {", "for vintage in holdings)[::-1]\n    return {"),
        ("expired points are spent", "rules",
         "if holdings[vintage] and end >= today", "if holdings[vintage]"),
        ("the last day does not count", "rules",
         "if holdings[vintage] and end >= today", "if holdings[vintage] and end > today"),
        ("life is gained by a move", "rules",
         "return today + timedelta(days=GRACE_DAYS) if vintage < today else None",
         "return max(today, vintage) + timedelta(days=GRACE_DAYS)"),
        ("what the commons paid is owed as well", "rules",
         "left = points - total(own) - total(expired)", "left = points - total(own)"),
        ("debts are never repaid", "rules",
         "repaid = min(points, -arrears)", "repaid = min(0, -arrears)"),
        ("a debt is overlooked by an award", "gains",
         "WHERE d.balance = 0\n", "WHERE TRUE\n"),
        ("a receipt says what was there before", "gains",
         "after = stood.minutes + added.minutes", "after = stood.minutes"),
        ("a debt is repaid twice", "rules",
         "return repaid, points - repaid", "return repaid, points"),
        ("an expired award is taken from others", "rules",
         "if vintage is not None and vintage < today else {}",
         "if vintage is not None and vintage > today else {}"),
        ("a grace is forgotten when it is entered", "rules",
         "if amount > 0 and move.grace_until:", "if False:"),
        ("the balance of a line is the one before", "rules",
         "balance=after[name].balance))", "balance=after[name].balance - amount))"),
        ("points are released twice", "cases",
         "still_held(parts, taken_out.get(person_id, []))", "still_held(parts, [])"),
        ("what was handed over is released", "postings",
         "if not parts or await case_is_closed(accounts.ids[case]):", "if not parts:"),
        ("a reward is refunded twice", "reversals",
         "if await run(\"SELECT id FROM posting WHERE reverses_id = {} LIMIT 1\", posting_id):",
         "if False:"),
        ("more is reversed than was awarded", "reversals",
         "        if amount > left[unit]:\n", "        if amount > left[unit] + 1:\n"),
        ("frozen points are overlooked", "reversals",
         "        if name.kind == \"dispute\":\n", "        if False:\n"),
        ("a repetition is done again", "journal",
         "    if first is not None:\n        return first\n    accounts", "    accounts"),
        ("a reference answers to any content", "journal",
         "if found[\"request_hash\"] != heading.request_hash:", "if False:"),
        ("half a posting stays", "journal",
         "@use_case\n@whole\nasync def _post(", "async def _post("),
        ("a sweep overlooks the grace", "expiry",
         "expired(standing.holdings, today, standing.grace)", "expired(standing.holdings, today)"),
        ("a sweep leaves the shares", "expiry",
         "reference=reference, shares=shares, sign=-1", "reference=reference, shares=(), sign=-1"),
        ("the asker's share goes last", "pool_rules",
         "share.person_id != first", "share.person_id == first"),
        ("who leaves takes everything", "pool_rules",
         "for share in shares if share.person_id == person_id)", "for share in shares)"),
        ("a grace goes into the pool", "pools",
         "spend(accounts.standings[member].holdings, points=points, today=today)",
         "spend(accounts.standings[member].holdings, points=points, today=today,"
         " grace=accounts.standings[member].grace)"),
        ("a closed case takes points of a pool", "pools",
         "        if await case_is_closed(accounts.ids[case]):\n", "        if False:\n"),
        ("what came back from a case is nobody's", "shares",
         "shares=paid, sign=1", "shares=paid[1:], sign=1"),
        ("a gift comes back that is gone", "donations",
         "min(has, holds.get(day, 0))", "has"),
        ("an expired gift comes back", "donations",
         " for day, has in given.items() if day >= today}", " for day, has in given.items()}"),
        ("help exceeds the pool", "donations",
         "        if has.balance < points:\n", "        if False:\n"),
        ("everything is frozen", "disputes",
         "min(left, given.points)", "10**9"),
        ("who waited has no grace", "disputes",
         "grace_after(vintage, today))", "None)"),
    )
)  # fmt: skip
