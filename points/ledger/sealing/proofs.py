"""What one person needs to see for herself that her transfers stand under the seals of a month."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from points.ledger.linli_verify import Bad, check_proof, node_hash
from points.ledger.sealing.digests import Digest
from points.ledger.sealing.leaves import (
    PUBLIC,
    SIDES,
    Secrets,
    account_value,
    hashed,
    leaves_of,
    subject_of,
    words_value,
)
from points.ledger.sealing.reading import Row, postings, transfers_of
from points.ledger.sealing.salts import known_secrets
from points.ledger.sealing.seals import HASH_BYTES, Seal, leaf_hashes, seals_of, split
from points.transactions import run

FORMAT: Final = "proof-1"


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One of her transfers; ``index`` is None where the books no longer say what was sealed."""

    posting_id: int
    kind: str
    reason: str
    unit: str
    amount: int
    recorded_at: Any
    leaf: dict[str, Any]
    seal: int
    index: int | None
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """Her transfers of a month, the seals they stand under, and what opens her commitments."""

    digest: Digest
    seals: tuple[Seal, ...]
    lines: tuple[ProofLine, ...]
    openings: tuple[dict[str, Any], ...]

    @property
    def holds(self) -> bool:
        """Whether every transfer is in the books as it was sealed."""
        return all(line.index is not None for line in self.lines)

    @property
    def document(self) -> dict[str, Any]:
        """The proof as the verifier reads it."""
        return {
            "linli": FORMAT,
            "book": self.digest.book_id,
            "month": self.digest.month,
            "head": self.digest.head,
            "seals": [seal.header for seal in self.seals],
            "openings": list(self.openings),
            "entries": [
                {
                    "leaf": line.leaf,
                    "seal": line.seal,
                    "index": line.index if line.index is not None else -1,
                    "path": list(line.path),
                }
                for line in self.lines
            ],
        }


async def proof_of(*, digest: Digest, person_id: int) -> Proof:
    """The proof of one person for the month of a digest."""
    seals = await seals_of(digest.book_id, after=digest.first - 1, up_to=digest.last)
    accounts = await run(
        "SELECT id FROM account WHERE book_id = {} AND person_id = {}", digest.book_id, person_id
    )
    own = {int(row["id"]) for row in accounts}
    lines: list[ProofLine] = []
    openings: dict[str, dict[str, Any]] = {}
    for seal in seals:
        rows = await transfers_of(
            sorted(own), after=seal.first_posting_id - 1, up_to=seal.last_posting_id
        )
        rows = [row for row in rows if row["book_id"] == digest.book_id]
        secrets = (await known_secrets(rows)).get(digest.book_id, Secrets(digest.book_id))
        lines += await _lines(seal, rows, secrets, own)
        openings |= {one["commitment"]: one for one in _openings(rows, secrets, own)}
    return Proof(digest, tuple(seals), tuple(lines), tuple(openings.values()))


def why_not(proof: Proof) -> str:
    """Why a proof does not hold, as the verifier says it; empty if it does."""
    try:
        check_proof(proof.document)
    except Bad as bad:
        return str(bad)
    return ""


async def _lines(seal: Seal, rows: list[Row], secrets: Secrets, own: set[int]) -> list[ProofLine]:
    if not rows:
        return []
    kept = await leaf_hashes(seal)
    levels = levels_of(list(split(kept)))
    return [
        _line(seal, row, leaf, kept, levels, comes_in=int(row["target_id"]) in own)
        for lines in postings(rows)
        for row, leaf in zip(lines, leaves_of(lines, secrets), strict=True)
        if own & {int(row["source_id"]), int(row["target_id"])}
    ]


def _line(
    seal: Seal,
    row: Row,
    leaf: dict[str, Any],
    kept: bytes,
    levels: list[list[bytes]],
    *,
    comes_in: bool,
) -> ProofLine:
    index = _place(kept, hashed(leaf))
    return ProofLine(
        posting_id=int(row["posting_id"]),
        kind=str(row["kind"]),
        reason=str(row["reason"]),
        unit=str(row["unit"]),
        amount=int(row["amount"]) * (1 if comes_in else -1),
        recorded_at=row["recorded_at"],
        leaf=leaf,
        seal=seal.number,
        index=index,
        path=() if index is None else tuple(step.hex() for step in path_of(levels, index)),
    )


def _place(kept: bytes, leaf: bytes) -> int | None:
    """The place of a leaf among the hashes of its seal."""
    at = kept.find(leaf)
    while at >= 0 and at % HASH_BYTES:
        at = kept.find(leaf, at + 1)
    return at // HASH_BYTES if at >= 0 else None


def _openings(rows: list[Row], secrets: Secrets, own: set[int]) -> Iterator[dict[str, Any]]:
    """What her accounts and the words of her postings are committed with; of nobody else's."""
    for lines in postings(rows):
        row = lines[0]
        salt = secrets.words_salt(lines)
        if salt and all(_touches_only(one, own) for one in lines):
            yield {
                "commitment": secrets.of_words(lines),
                "salt": salt,
                "value": words_value(row),
            }
        for one in lines:
            for side in SIDES:
                salt = secrets.salt(subject_of(one, side), f"account:{one[f'{side}_id']}")
                if salt and int(one[f"{side}_id"]) in own:
                    yield {
                        "commitment": secrets.of_account(one, side),
                        "salt": salt,
                        "value": account_value(secrets.book_id, one, side),
                    }


def _touches_only(row: Row, own: set[int]) -> bool:
    """Whether no person but her has part in a transfer."""
    return all(
        row[f"{side}_kind"] in PUBLIC
        or row[f"{side}_person"] is None
        or int(row[f"{side}_id"]) in own
        for side in SIDES
    )


def levels_of(leaves: list[bytes]) -> list[list[bytes]]:
    """A Merkle tree, level by level, from the leaves to below the root."""
    levels = [leaves]
    while len(level := levels[-1]) > 2:
        pairs = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        levels.append(pairs + level[len(level) - len(level) % 2 :])
    return levels if len(leaves) > 1 else []


def path_of(levels: list[list[bytes]], index: int) -> list[bytes]:
    """The hashes that lead from one leaf to the root, lowest first."""
    path = []
    for level in levels:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        index //= 2
    return path
