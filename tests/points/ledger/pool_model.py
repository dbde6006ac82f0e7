"""A plain model of pools and disputes: every point is a coin with a date and perhaps an owner.

It knows no balances, lines or shares; it moves coins one at a time.  ``m0`` and ``m1`` are two
people of one household, ``pool`` their pool, ``stair`` the pool of a stairwell.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.points.ledger.scene import LATER, TODAY

GRACE = timedelta(days=30)
PEOPLE = ("m0", "m1")
MORTAL = (*PEOPLE, "pool", "stair")


class Refused(Exception):
    """The model would not do this."""


@dataclass(frozen=True)
class Step:
    """What happens next, in numbers that the play makes sense of."""

    kind: int
    edge: int
    points: int
    person: int
    case_id: int
    expires_on: date
    back: int


@dataclass
class Coin:
    """One point: the last day of its vintage, and in a pool who put it in."""

    date: date
    owner: str = ""


@dataclass
class Given:
    """What is left of an award or a donation to take back."""

    person: str
    dates: list[date]
    minutes: int = 0
    own: int = 0
    vintage: date | None = None
    frozen_in: int = 0


@dataclass
class Model:
    """Who has which coins."""

    today: date = TODAY
    has: dict[str, list[Coin]] = field(
        default_factory=lambda: {name: [] for name in (*MORTAL, "commons")}
    )
    graced: dict[tuple[str, date], date] = field(default_factory=dict)
    first: dict[tuple[str, date], int] = field(default_factory=dict)
    owed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PEOPLE, 0))
    minutes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PEOPLE, 0))
    cases: dict[int, list[Coin]] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    returned: set[int] = field(default_factory=set)
    disputes: dict[int, list[Coin]] = field(default_factory=dict)
    awards: list[Given] = field(default_factory=list)
    donations: list[Given] = field(default_factory=list)

    # --- what can be spent

    def end(self, who: str, coin: Coin) -> date:
        return max(coin.date, self.graced.get((who, coin.date), coin.date))

    def alive(self, who: str) -> list[Coin]:
        """What can be spent, soonest to go first."""
        coins = [coin for coin in self.has[who] if self.end(who, coin) >= self.today]
        return sorted(coins, key=lambda coin: (self.end(who, coin), coin.date))

    def fresh(self, who: str) -> list[Coin]:
        """What has not expired, whatever grace there is."""
        coins = [coin for coin in self.has[who] if coin.date >= self.today]
        return sorted(coins, key=lambda coin: coin.date)

    def own(self, who: str) -> list[Coin]:
        coins = [coin for coin in self.has["pool"] if coin.owner == who]
        return sorted(coins, key=lambda coin: coin.date)

    def sweep(self, *holders: str) -> None:
        for who in holders:
            kept = self.alive(who)
            gone = [coin for coin in self.has[who] if not any(coin is one for one in kept)]
            self.has[who] = kept
            self.has["commons"] += [Coin(coin.date) for coin in gone]

    def pay(self, who: str, coins: list[Coin], points: int) -> list[Coin]:
        """Take the first coins away from somebody."""
        if not 1 <= points <= len(coins):
            raise Refused
        paid = coins[:points]
        self.drop(who, paid)
        return paid

    def drop(self, who: str, paid: list[Coin]) -> None:
        self.has[who] = [one for one in self.has[who] if not any(one is coin for coin in paid)]

    def give_back(self, who: str, coins: list[Coin], *, grace: bool) -> None:
        """With ``grace`` what expired meanwhile lasts for 30 days more, and nothing else does."""
        if grace:
            self.sweep(who)
            for coin in coins:
                if coin.date < self.today:
                    self.graced[who, coin.date] = self.today + GRACE
        self.has[who] += coins

    # --- what happens

    def award(self, who: str, points: int, expires_on: date) -> None:
        given = Given(who, [expires_on] * points, minutes=60)
        repaid = min(points, self.owed[who])
        self.owed[who] -= repaid
        self.minutes[who] += 60
        given.own = points - repaid
        # What repaid a debt was never hers.
        given.vintage = expires_on if given.own else None
        self.has[who] += [Coin(expires_on) for _ in range(given.own)]
        self.awards.append(given)

    def hold(self, case_id: int, points: int, who: str) -> None:
        if case_id in self.closed:
            raise Refused
        self.cases.setdefault(case_id, []).extend(self.pay(who, self.alive(who), points))

    def hold_from_pool(self, case_id: int, points: int, who: str) -> None:
        if case_id in self.closed:
            raise Refused
        coins = sorted(
            self.alive("pool"),
            key=lambda coin: (
                self.end("pool", coin),
                coin.date,
                coin.owner != who,
                self.first[coin.owner, coin.date],
            ),
        )
        self.cases.setdefault(case_id, []).extend(self.pay("pool", coins, points))

    def release(self, case_id: int, holder: str, *, grace: bool) -> None:
        if case_id in self.closed or not self.cases.get(case_id):
            raise Refused
        self.give_back(holder, self.cases.pop(case_id), grace=grace)

    def fulfil(self, case_id: int) -> None:
        if case_id in self.closed or not self.cases.get(case_id):
            raise Refused
        self.closed.add(case_id)

    def take_back_reward(self, case_id: int, holder: str) -> None:
        if case_id in self.returned:
            raise Refused
        self.returned.add(case_id)
        self.give_back(holder, self.cases[case_id], grace=True)

    def contribute(self, who: str, points: int) -> None:
        self.sweep(who, "pool")
        for coin in self.pay(who, self.fresh(who), points):
            self.first.setdefault((who, coin.date), len(self.first))
            self.has["pool"].append(Coin(coin.date, who))

    def withdraw(self, who: str, points: int | None) -> None:
        self.sweep(who, "pool")
        mine = self.own(who)
        for coin in self.pay("pool", mine, len(mine) if points is None else points):
            until = self.graced.get(("pool", coin.date))
            if until:
                has = self.graced.get((who, coin.date), coin.date)
                self.graced[who, coin.date] = max(has, until)
            self.has[who].append(Coin(coin.date))

    def donate(self, who: str, points: int) -> None:
        coins = self.pay(who, self.alive(who), points)
        self.has["commons"] += [Coin(coin.date) for coin in coins]
        self.donations.append(Given(who, sorted(coin.date for coin in coins)))

    def undo_donation(self, given: Given, points: int) -> None:
        there: list[Coin] = []
        for day in given.dates:
            found = (
                coin
                for coin in self.has["commons"]
                if coin.date == day and not any(coin is one for one in there)
            )
            coin = next(found, None)
            if coin is not None and day >= self.today:
                there.append(coin)
        for coin in self.pay("commons", there, points):
            given.dates.remove(coin.date)
            self.has[given.person].append(coin)

    def relieve(self, who: str, points: int) -> None:
        self.pay("commons", sorted(self.has["commons"], key=lambda coin: coin.date), points)
        self.has[who] += [Coin(LATER) for _ in range(points)]

    def honour(self, points: int, expires_on: date) -> None:
        self.has["stair"] += [Coin(expires_on) for _ in range(points)]

    def spend_honour(self, points: int) -> None:
        self.pay("stair", self.fresh("stair"), points)

    def object_to(self, given: Given, dispute_id: int) -> None:
        given.frozen_in = dispute_id
        self.sweep(given.person)
        there = [coin for coin in self.has[given.person] if coin.date == given.vintage]
        frozen = there[: min(len(given.dates), given.own)]
        self.drop(given.person, frozen)
        self.disputes[dispute_id] = frozen

    def settle(self, given: Given) -> None:
        """What is still frozen goes back; she waited for others."""
        frozen = self.disputes.pop(given.frozen_in)
        given.frozen_in = 0
        if frozen:
            self.give_back(given.person, frozen, grace=True)

    def reverse(self, given: Given, points: int) -> None:
        if not 1 <= points <= len(given.dates):
            raise Refused
        who, vintage = given.person, given.vintage
        for _ in range(points):
            given.dates.pop()
            if self.disputes.get(given.frozen_in):
                self.disputes[given.frozen_in].pop()
            elif not self._lose(who, vintage):
                self.owed[who] += 1

    def _lose(self, who: str, vintage: date | None) -> bool:
        """Take one coin: of the vintage, if it expired from the commons, else any other."""
        places = [(who, vintage)]
        if vintage is not None and vintage < self.today:
            places.append(("commons", vintage))
        for holder, day in places:
            coin = next((coin for coin in self.has[holder] if coin.date == day), None)
            if coin is not None:
                self.drop(holder, [coin])
                return True
        others = self.alive(who)
        if others:
            self.drop(who, others[:1])
        return bool(others)
