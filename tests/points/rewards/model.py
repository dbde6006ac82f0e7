"""What requests, votes and pieces should do, as plainly as one can say it: no lots, no database."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.points.rewards.test_rules import reachable

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPEN = ("requested", "approved")


def evening(now: datetime, days: int) -> datetime:
    """23:59 in Shanghai so many days later."""
    day = now.astimezone(SHANGHAI).date() + timedelta(days=days)
    return datetime.combine(day, time(23, 59), SHANGHAI).astimezone(UTC)


@dataclass(frozen=True)
class People:
    """Who may do what, by number."""

    members: tuple[int, ...]
    # Who hands over everywhere, and the leader of a stairwell with those who live there.
    handers: tuple[int, ...]
    leader: int
    led: tuple[int, ...]
    households: tuple[frozenset[int], ...]
    steward: int


@dataclass
class Asked:
    """One request."""

    person: int
    by: int
    item: int
    price: int
    requested_at: datetime
    decide_by: datetime
    number: int = 0
    state: str = "requested"
    votes: dict[int, str] = field(default_factory=dict)
    stand_ins: list[int] = field(default_factory=list)
    collect_by: datetime | None = None
    handed_by: int = 0

    @property
    def quorum(self) -> int:
        return 3 if self.price > 100 else 2


@dataclass
class Model:
    """The neighbourhood on paper.  Every act answers whether it was done."""

    people: People
    points: dict[int, int]
    prices: dict[int, int]
    # Pieces of each item: in store, reserved, handed out, lost.
    stock: dict[int, list[int]]
    now: datetime
    retired: set[int] = field(default_factory=set)
    asked: list[Asked] = field(default_factory=list)

    def ask(self, person: int, by: int, item: int) -> bool:
        price = self.prices[item]
        if item in self.retired or not self.stock[item][0] or self.points[person] < price:
            return False
        self.points[person] -= price
        self._piece(item, 0, 1)
        made = Asked(person, by, item, price, self.now, evening(self.now, 5))
        self.asked.append(made)
        return True

    def vote(self, at: int, member: int, choice: str) -> bool:
        case = self.asked[at]
        if case.state != "requested" or member in case.votes:
            return False
        if member not in (*self.people.members, *case.stand_ins):
            return False
        if choice != "recuse" and member in self._involved(case):
            return False
        case.votes[member] = choice
        self._settle(case)
        return True

    def stand_in(self, at: int, person: int) -> bool:
        case = self.asked[at]
        taken = {*self.people.members, *case.stand_ins, *self._involved(case)}
        if case.state != "requested" or person in taken:
            return False
        if self.people.steward in self._involved(case):
            return False
        yes, no, silent = self._count(case)
        if case.decide_by < self.now:
            silent = len([one for one in case.stand_ins if one not in case.votes])
        if yes + no + silent >= case.quorum:
            return False
        case.stand_ins.append(person)
        return True

    def cancel(self, at: int) -> bool:
        case = self.asked[at]
        if case.state == "cancelled":
            return True
        quick = self.now - case.requested_at <= timedelta(minutes=10)
        if case.state == "requested" or (case.state == "approved" and quick):
            self._give_back(case, "cancelled")
            return True
        return False

    def hand_over(self, at: int, by: int) -> bool:
        case = self.asked[at]
        role = by in self.people.handers or (
            by == self.people.leader and case.person in self.people.led
        )
        if case.state != "approved" or not role or by in self._involved(case):
            return False
        if case.votes.get(by) == "approve":
            return False
        case.state, case.handed_by = "handed_over", by
        self._piece(case.item, 1, 2)
        return True

    def take_back(self, at: int, by: int, good: bool) -> bool:
        case = self.asked[at]
        if case.state != "handed_over" or by in self._involved(case) or by == case.handed_by:
            return False
        case.state = "returned"
        self.points[case.person] += case.price
        self._piece(case.item, 2, 0 if good else 3)
        return True

    def retire(self, item: int) -> bool:
        done = item not in self.retired
        self.retired.add(item)
        return done

    def jobs(self) -> bool:
        for case in self.asked:
            if case.state == "approved" and case.collect_by and case.collect_by < self.now:
                self._give_back(case, "uncollected")
        return True

    def _involved(self, case: Asked) -> set[int]:
        household = [home for home in self.people.households if case.person in home]
        return {case.person, case.by}.union(*household)

    def _count(self, case: Asked) -> tuple[int, int, int]:
        said = list(case.votes.values())
        voters = {*self.people.members, *case.stand_ins} - self._involved(case) - set(case.votes)
        return said.count("approve"), said.count("refuse"), len(voters)

    def _settle(self, case: Asked) -> None:
        yes, no, silent = self._count(case)
        if yes >= case.quorum:
            case.state, case.collect_by = "approved", evening(self.now, 7)
        elif not reachable(case.quorum, yes, no, silent):
            self._give_back(case, "refused")

    def _give_back(self, case: Asked, state: str) -> None:
        case.state = state
        self.points[case.person] += case.price
        self._piece(case.item, 1, 0)

    def _piece(self, item: int, source: int, target: int) -> None:
        self.stock[item][source] -= 1
        self.stock[item][target] += 1
