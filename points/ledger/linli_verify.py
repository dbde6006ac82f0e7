#!/usr/bin/env python3
"""Check the books of a neighbourhood without trusting whoever keeps them.  核对邻里账本。

    python linli_verify.py EXPORT.jsonl-or-PROOF.json [--digest DIGEST.json]

One file, nothing but Python 3.9 or newer; read it before you run it.  An export has every transfer
(a "leaf") in its order, then the seal over them; a proof has the leaves of one person, each with
the hashes that lead to the root of its seal.  What this program recomputes:

  leaf       SHA-256(0x00, leaf)           leaf, header, value: JSON, keys sorted, ASCII, no blanks
  node       SHA-256(0x01, left, right)    as in RFC 6962: of an odd number the last one moves up
  seal       SHA-256(0x02, header)         the header names the root and the hash of the seal before
  commitment SHA-256(0x03, salt, value)    stands for whatever would point at a person

It also follows each account from balance to balance and adds up what was issued and redeemed, and
it prints the head: compare it with the notice board.  Whatever is newer than the last digest that
you hold could have been written anew by whoever keeps the books; nothing older could.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

FORMAT = "linli-seal-1"
NOTHING_BEFORE = "0" * 64
WRITE = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":"))
LEAF, SEAL, COMMITMENT = b"\x00", b"\x02", b"\x03"
SIGNS = {"source": -1, "target": 1}
# Header field -> the account whose outflow (issuers) or inflow (redeemed) it adds up.
TOTALS = {"issued": ("issuer", "source"), "redeemed": ("redeemed", "target"),
          "minutes": ("issuer_minutes", "source")}  # fmt: skip


class Bad(Exception):
    """The first place where something does not hold."""


def canonical(value: object) -> bytes:
    """The one way to write a value, so that the same value always has the same hash."""
    return WRITE.encode(value).encode()


def hash_of(domain: bytes, value: object, salt: str = "") -> bytes:
    """The hash of a leaf, of a seal, or of what only its salt can tell."""
    return hashlib.sha256(domain + bytes.fromhex(salt) + canonical(value)).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(level: list[bytes]) -> bytes:
    """The root over leaf hashes in their order."""
    while len(level) > 1:
        pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) - len(level) % 2 :]
    return level[0] if level else hashlib.sha256(b"").digest()


def root_of_path(found: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root to which a path leads; None if the path has not the length it must have."""
    steps = iter(path)
    while size > 1 and 0 <= index < size:
        if index ^ 1 < size:
            step = next(steps, b"")
            found = node_hash(step, found) if index % 2 else node_hash(found, step)
        index, size = index // 2, (size + 1) // 2
    return found if (index, size) == (0, 1) and next(steps, None) is None else None


def name(leaf: dict[str, Any]) -> str:
    """Where a transfer stands."""
    return f"posting {leaf.get('posting')}, line {leaf.get('line')}"


class Section:
    """What was read of one book: its seals, its accounts, and what looks wrong."""

    def __init__(self, book: int, before: dict[str, Any] | None) -> None:
        self.book, self.transfers = book, 0
        self.head = hash_of(SEAL, before).hex() if before else NOTHING_BEFORE
        self.headers: dict[int, dict[str, Any]] = {before["number"]: before} if before else {}
        self.heads = {self.head}
        self.totals = {total: before[total] if before else 0 for total in TOTALS}
        self.last = (before["last_posting"] if before else 0, 0, 0)
        self.stands: dict[str, tuple[int, int]] = {}
        self.suspicion, self.leaves = "", list[dict[str, Any]]()

    def follow(self, leaf: dict[str, Any]) -> str:
        """What is wrong with how this transfer follows the last ones of its two accounts."""
        wrong, amount = "", leaf["amount"]
        if leaf["book"] != self.book:
            wrong = f"{name(leaf)}: is of book {leaf['book']}, not {self.book}"
        for side, sign in SIGNS.items():
            account, number = leaf[side], leaf[side + "_sequence"]
            for total, (of, plus) in TOTALS.items():
                if account == of:
                    self.totals[total] += amount if side == plus else -amount
            if number is not None:
                now = (number, leaf[side + "_balance"])
                was, had = self.stands.get(account, (number - 1, now[1] - sign * amount))
                if now != (was + 1, had + sign * amount):
                    wrong = wrong or f"{name(leaf)}: entry {was} left {had}, this one is {now}"
                self.stands[account] = now
        return wrong

    def add(self, leaf: dict[str, Any]) -> None:
        """One more transfer; what looks wrong is told where no hash tells it better."""
        self.leaves.append(leaf)
        try:
            here, (posting, line, lines) = (leaf["posting"], leaf["line"], leaf["lines"]), self.last
            follows = here == (posting, line + 1, lines)
            begins = here[0] > posting and here[1] == 1 and line == lines
            wrong = self.follow(leaf) if follows or begins else f"{name(leaf)}: is out of order"
            self.last = here
        except (KeyError, TypeError) as error:
            wrong = f"{name(leaf)}: is not a transfer ({error!r})"
        self.suspicion = self.suspicion or wrong

    def close(self, header: dict[str, Any], stated: str, leaves: str) -> None:
        """Hold a seal, and its leaf hashes one after the other, against what was read for it."""
        where, raw = self.link(header, stated), base64.b64decode(leaves)
        kept = [raw[at : at + 32] for at in range(0, len(raw), 32)]
        if merkle_root(kept).hex() != header["root"]:
            raise Bad(self.suspicion or f"{where}: the hashes in it do not lead to its root")
        for leaf, sealed in zip(self.leaves, kept):  # noqa: B905  # Python 3.9 has no strict.
            if hash_of(LEAF, leaf) != sealed:
                raise Bad(f"{name(leaf)}: is not what was sealed in this place")
        if len(self.leaves) < len(kept):
            raise Bad(f"{name((self.leaves or [{}])[-1])}: what was sealed after it is missing")
        if len(self.leaves) > len(kept):
            raise Bad(f"{name(self.leaves[len(kept)])}: was never sealed")
        said = {one: header[one] for one in (*TOTALS, "transfers", "last_posting")}
        counted = dict(self.totals, transfers=len(kept), last_posting=self.last[0])
        if self.suspicion or said != counted:
            raise Bad(self.suspicion or f"{where}: it says {said}, its transfers say {counted}")
        self.transfers, self.leaves = self.transfers + len(kept), []

    def link(self, header: dict[str, Any], stated: str) -> str:
        """Hold a seal against the one before; answers with its name."""
        where = f"seal {header.get('number')} (posting {header.get('first_posting')} and later)"
        if hash_of(SEAL, header).hex() != stated or header["format"] != FORMAT:
            raise Bad(f"{where}: its hash is not that of its content")
        first, number = not self.headers, max(self.headers, default=0) + 1
        if header["book"] != self.book or (header["number"] != number and not first):
            raise Bad(f"{where}: stands in the place of seal {number} of book {self.book}")
        if header["previous"] != self.head:
            raise Bad(f"{where}: does not follow the seal before it")
        self.headers[header["number"]], self.head = header, stated
        self.heads.add(stated)
        return where


def read(text: str) -> Any:
    """One JSON value, no name of which stands twice: else others might read another one."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise Bad("a name stands twice in one object")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=once)
    except ValueError as error:
        raise Bad(f"this is not JSON, or cut off: {text[:60]!r}") from error


def check_export(lines: Iterable[str]) -> Iterator[Section]:
    """Every book of an export, each checked to its end."""
    missing: list[int] | None = None
    section: Section | None = None
    for one in map(read, lines):
        if missing is None:
            missing = list(one["books"])
        elif "after" in one and not section and missing and one["book"] == missing.pop(0):
            section = Section(one["book"], one["after"])
        elif section is None or "after" in one:
            raise Bad(f"this line stands in the wrong place: {str(one)[:60]}")
        elif "leaf" in one:
            section.add(one["leaf"])
        elif "seal" in one:
            section.close(one["seal"], one["hash"], one["leaves"])
        elif section.leaves or (one["end"], one["seals"]) != (section.head, len(section.heads) - 1):
            raise Bad(f"posting {section.last[0]}: what follows up to the end is missing")
        else:
            yield section
            section = None
    if section or missing:
        raise Bad(f"posting {section.last[0] if section else 0}: the file is cut off after it")


def check_proof(proof: dict[str, Any]) -> Section:
    """That each transfer of a person stands under its seal, and the seals lead to the head."""
    section = Section(proof["book"], None)
    section.head = proof["seals"][0]["previous"] if proof["seals"] else proof["head"]
    for header in proof["seals"]:
        section.link(header, hash_of(SEAL, header).hex())
    for one in proof["openings"]:
        if hash_of(COMMITMENT, one["value"], one["salt"]).hex() != one["commitment"]:
            raise Bad(f"{one['value']}: {one['commitment'][:16]}… stands for something else")
    hers = {one["commitment"] for one in proof["openings"]}
    for entry in proof["entries"]:
        leaf, header = entry["leaf"], section.headers.get(entry["seal"], {})
        path = [bytes.fromhex(step) for step in entry["path"]]
        root = root_of_path(hash_of(LEAF, leaf), entry["index"], header.get("transfers", 0), path)
        if root is None or root.hex() != header["root"]:
            raise Bad(f"{name(leaf)}: does not lead to the root of seal {entry['seal']}")
        # Of the accounts of others only some entries are here, so only hers can be followed.
        others = [side for side in SIGNS if leaf[side].partition(":")[2] not in hers]
        if wrong := section.follow({**leaf, **{side + "_sequence": None for side in others}}):
            raise Bad(wrong)
        section.transfers += 1
    if section.head != proof["head"]:
        raise Bad(f"the seals lead to {section.head}, not to {proof['head']}")
    return section


def main(words: list[str]) -> int:
    """Check the file that was named; 0 only if everything holds."""
    if len(words) not in (1, 3) or words[1:2] not in ([], ["--digest"]):
        print(__doc__)
        return 2
    try:
        with open(words[0], encoding="utf-8") as file:
            is_export = file.readline().startswith('{"linli":"export-1"')
            file.seek(0)
            found = list(check_export(file)) if is_export else [check_proof(read(file.read()))]
        if len(words) == 3:
            with open(words[2], encoding="utf-8") as file:
                d = read(file.read())
            if not any(d["book"] == one.book and d["head"] in one.heads for one in found):
                raise Bad(f"posting {d['last_posting']} or one before it was written anew since "
                          "that digest was printed, or is not in here")  # fmt: skip
        for one in found:
            print(f"book {one.book}: {one.transfers} transfers hold, {len(one.heads) - 1} seals. "
                  f"相符。\nhead 印记 {one.head}")  # fmt: skip
    except (Bad, OSError, LookupError, TypeError, ValueError, AttributeError) as error:
        print(f"NOT AS SEALED 不符: {error if isinstance(error, Bad) else repr(error)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
