"""Whether the real books hold what the model of pools and disputes holds."""

from collections import Counter
from datetime import date

from points.ledger.shares import shares_of
from points.transactions import run
from tests.points.ledger.pool_model import PEOPLE, Model
from tests.points.ledger.scene import History


async def compare(
    model: Model, book_id: int, people: dict[str, History], homes: dict[str, int]
) -> None:
    """What every account holds, whose shares are in the pool, what is owed."""
    rows = await run(
        "SELECT a.id, a.kind, a.owner_id, a.balance, h.vintage, h.points, h.grace_until "
        "FROM account a LEFT JOIN holding h ON h.account_id = a.id WHERE a.book_id = {}",
        book_id,
    )
    names = {("member", one.person_id): who for who, one in people.items()}
    names |= {
        ("household", homes["household"]): "pool",
        ("stairwell", homes["stairwell"]): "stair",
        ("commons", 0): "commons",
    }
    books: dict[str, Counter[date]] = {who: Counter() for who in model.has}
    owed = dict.fromkeys(PEOPLE, 0)
    frozen: Counter[int] = Counter()
    by_id = {one.person_id: who for who, one in people.items()}
    for row in rows:
        who = names.get((row["kind"], row["owner_id"]))
        if who and row["points"]:
            books[who][row["vintage"]] += row["points"]
        elif row["kind"] == "arrears":
            owed[by_id[row["owner_id"]]] = -row["balance"]
        elif row["kind"] == "dispute" and row["points"]:
            frozen[row["owner_id"]] += row["points"]
        if who == "pool":
            assert await _shares(row["id"], by_id) == Counter(
                (coin.owner, coin.date) for coin in model.has["pool"]
            )
    for who, coins in model.has.items():
        assert books[who] == Counter(coin.date for coin in coins), who
    assert owed == model.owed
    assert frozen == Counter({one: len(held) for one, held in model.disputes.items()})


async def _shares(account_id: int, names: dict[int, str]) -> Counter[tuple[str, date]]:
    shares = await shares_of(account_id)
    return Counter({(names[one.person_id], one.vintage): one.points for one in shares})
