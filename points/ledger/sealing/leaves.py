"""What a seal says of a transfer: no name, and nothing that only a person could have.

Accounts of the book itself (issuer, redeemed, the commons) are named; every other account, whoever
entered the posting, and its words stand as commitments.  Their salts are derived from one secret
for each person (or account that is nobody's), so erasing that secret closes all of them at once.
"""

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from points.ledger.linli_verify import COMMITMENT, LEAF, hash_of
from points.ledger.sealing.reading import Row

Subject = tuple[str, int]
# Of the book itself; they point at nobody.
PUBLIC: Final = frozenset({"issuer", "redeemed", "issuer_minutes", "commons"})
SIDES: Final = ("source", "target")


@dataclass(slots=True)
class Secrets:
    """The salts of one book, and the commitments that remain of those whose salts are gone."""

    book_id: int
    salts: dict[Subject, str] = field(default_factory=dict)
    remains: dict[Subject, str] = field(default_factory=dict)
    told: dict[Subject, str] = field(default_factory=dict)

    def salt(self, subject: Subject, use: str) -> str | None:
        """The salt of a subject for one use; None if it is gone."""
        secret = self.salts.get(subject)
        if secret is None:
            return None
        return hmac.digest(bytes.fromhex(secret), use.encode(), "sha256").hex()

    def of_account(self, row: Row, side: str) -> str:
        """What stands for an account; empty if it can no longer be told."""
        account_id = int(row[f"{side}_id"])
        value, whose = account_value(self.book_id, row, side), subject_of(row, side)
        return self._of(("account", account_id), value, whose, f"account:{account_id}")

    def of_actor(self, person_id: int) -> str:
        """What stands for whoever entered a posting; empty if it can no longer be told."""
        person = ("person", person_id)
        return self._of(person, actor_value(self.book_id, person_id), person, "actor")

    def of_words(self, lines: list[Row]) -> str:
        """What stands for the words of a posting; empty if it can no longer be told."""
        what = ("posting", int(lines[0]["posting_id"]))
        if what in self.remains:
            return self.remains[what]
        return self._of(what, words_value(lines[0]), keeper_of(lines), f"posting:{what[1]}")

    def _of(self, what: Subject, value: object, whose: Subject, use: str) -> str:
        """Worked out once: most transfers of a page have an actor and an account in common."""
        if what not in self.told:
            salt = self.salt(whose, use)
            if salt is None:
                return self.remains.get(what, "")
            self.told[what] = committed(value, salt)
        return self.told[what]

    def words_salt(self, lines: list[Row]) -> str | None:
        """The salt of the words of a posting."""
        return self.salt(keeper_of(lines), f"posting:{lines[0]['posting_id']}")


def subject_of(row: Row, side: str) -> Subject:
    """Whose secret an account is."""
    person_id = row[f"{side}_person"]
    return ("account", int(row[f"{side}_id"])) if person_id is None else ("person", int(person_id))


def keeper_of(lines: list[Row]) -> Subject:
    """Whose secret the words of a posting are: of the first account that is not the book's own."""
    for row in lines:
        for side in SIDES:
            if row[f"{side}_kind"] not in PUBLIC:
                return subject_of(row, side)
    return ("book", int(lines[0]["book_id"]))


def subjects_of(lines: list[Row]) -> Iterator[Subject]:
    """Everybody whose secret is needed to seal a posting."""
    yield keeper_of(lines)
    if lines[0]["actor_id"] is not None:
        yield ("person", int(lines[0]["actor_id"]))
    for row in lines:
        for side in SIDES:
            if row[f"{side}_kind"] not in PUBLIC:
                yield subject_of(row, side)


def committed(value: object, salt: str) -> str:
    """A commitment as it stands in a leaf."""
    return hash_of(COMMITMENT, value, salt).hex()


def account_value(book_id: int, row: Row, side: str) -> list[object]:
    """What the commitment of an account stands for."""
    return ["account", book_id, row[f"{side}_kind"], int(row[f"{side}_owner"])]


def actor_value(book_id: int, person_id: int) -> list[object]:
    """What the commitment of an actor stands for."""
    return ["actor", book_id, person_id]


def words_value(row: Row) -> list[object]:
    """What the commitment of a posting's words stands for."""
    names = ("reference", "request_hash", "reason", "details", "service_record_id")
    return ["words", *(row[name] for name in names)]


def leaves_of(lines: list[Row], secrets: Secrets) -> Iterator[dict[str, Any]]:
    """The leaves of one posting."""
    actor_id, words = lines[0]["actor_id"], secrets.of_words(lines)
    actor = None if actor_id is None else secrets.of_actor(int(actor_id))
    for row in lines:
        yield {
            "book": int(row["book_id"]),
            "posting": int(row["posting_id"]),
            "line": int(row["line"]),
            "lines": len(lines),
            "kind": row["kind"],
            "unit": row["unit"],
            "amount": int(row["amount"]),
            "vintage": row["vintage"].isoformat() if row["vintage"] else None,
            "happened_at": moment(row["happened_at"]),
            "recorded_at": moment(row["recorded_at"]),
            "reverses": row["reverses_id"],
            "actor": actor,
            "words": words,
            **_side(row, "source", secrets),
            **_side(row, "target", secrets),
        }


def _side(row: Row, side: str, secrets: Secrets) -> Mapping[str, object]:
    kind = str(row[f"{side}_kind"])
    return {
        side: kind if kind in PUBLIC else f"{kind}:{secrets.of_account(row, side)}",
        f"{side}_sequence": row[f"{side}_sequence"],
        f"{side}_balance": row[f"{side}_balance"],
    }


def hashed(leaf: dict[str, Any]) -> bytes:
    """The hash of a leaf."""
    return hash_of(LEAF, leaf)


def moment(when: datetime) -> str:
    """A moment as a seal writes it."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")
