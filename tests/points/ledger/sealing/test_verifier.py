"""The verifier alone, in an empty folder and without any package, finds whatever was changed."""

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from points.ledger import linli_verify
from points.ledger.exports.sealed import sealed_lines
from points.ledger.linli_verify import COMMITMENT, LEAF, SEAL, hash_of, merkle_root
from points.ledger.sealing.digests import digest_of
from points.ledger.sealing.proofs import proof_of
from points.ledger.sealing.salts import erase_secrets
from points.ledger.sealing.seals import seal_due
from tests.points.ledger.scene import NOW, unguarded
from tests.points.ledger.sealing.story import Told, tell_story

pytestmark = pytest.mark.anyio
MONTH = "2026-11"
Lines = list[dict[str, Any]]


def verified(
    folder: Path, content: str, digest: object = None, python: str = sys.executable
) -> tuple[int, str]:
    """What the program says when it is all that is there."""
    alone = folder / "alone"
    alone.mkdir(exist_ok=True)
    shutil.copy(linli_verify.__file__, alone / "linli_verify.py")
    (alone / "file").write_text(content, encoding="utf-8")
    words = ["file"]
    if digest is not None:
        (alone / "digest.json").write_text(json.dumps(digest), encoding="utf-8")
        words += ["--digest", "digest.json"]
    done = subprocess.run(
        [python, "-I", "-S", "-X", "utf8", "linli_verify.py", *words],
        cwd=alone,
        env={},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def interpreters() -> set[str]:
    """This Python and every other one that the machine has."""
    names = ("python3.9", "python3.10", "python3.12", "python3.13", "python3.14", "pypy3")
    found = {shutil.which(name) for name in names} - {None}
    works = {
        one for one in found if subprocess.run([one, "-c", ""], capture_output=True).returncode == 0
    }
    return {sys.executable, *works}


async def exported(*books: int) -> str:
    return "".join([line async for line in sealed_lines(books, progress=lambda _: None)])


def text_of(lines: Lines) -> str:
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


def places(lines: Lines, what: str) -> list[int]:
    return [at for at, line in enumerate(lines) if what in line]


def leaf_of(lines: Lines, posting: int) -> int:
    return next(at for at in places(lines, "leaf") if lines[at]["leaf"]["posting"] == posting)


def seal_again(lines: Lines) -> None:
    """Compute every hash anew over what the lines say now, as an operator could."""
    hashes, previous = list[bytes](), "0" * 64
    for line in lines:
        if "leaf" in line:
            hashes.append(hash_of(LEAF, line["leaf"]))
        elif "seal" in line:
            root = merkle_root(hashes).hex()
            line["seal"] |= {"root": root, "previous": previous, "transfers": len(hashes)}
            line["hash"] = previous = hash_of(SEAL, line["seal"]).hex()
            line["leaves"] = base64.b64encode(b"".join(hashes)).decode()
            hashes = []
        elif "end" in line:
            line["end"] = previous


# Each change is planted at the fifth posting, which stands in the second of three seals; it
# answers with what has to be named, given the numbers of the postings.
Change = Callable[[Lines, list[int]], str]


def amount(lines: Lines, numbers: list[int]) -> str:
    lines[leaf_of(lines, numbers[4])]["leaf"]["amount"] += 1
    return f"posting {numbers[4]}, line 1"


def unit(lines: Lines, numbers: list[int]) -> str:
    lines[leaf_of(lines, numbers[4])]["leaf"]["unit"] = "minutes"
    return f"posting {numbers[4]}, line 1"


def moment(lines: Lines, numbers: list[int]) -> str:
    lines[leaf_of(lines, numbers[4])]["leaf"]["recorded_at"] = "2026-11-21T00:00:00.000000+00:00"
    return f"posting {numbers[4]}, line 1"


def order(lines: Lines, numbers: list[int]) -> str:
    at = leaf_of(lines, numbers[4])
    lines[at], lines[at - 1] = lines[at - 1], lines[at]
    return f"posting {numbers[4]}, line 1"


def dropped_row(lines: Lines, numbers: list[int]) -> str:
    del lines[leaf_of(lines, numbers[4])]
    return f"posting {numbers[5]}, line 1"


def dropped_last_row(lines: Lines, numbers: list[int]) -> str:
    del lines[places(lines, "seal")[1] - 1]
    return f"posting {numbers[4]}, line 1"


def doubled_row(lines: Lines, numbers: list[int]) -> str:
    at = leaf_of(lines, numbers[4])
    lines.insert(at, json.loads(json.dumps(lines[at])))
    return f"posting {numbers[4]}, line 1"


def doubled_last_row(lines: Lines, numbers: list[int]) -> str:
    at = places(lines, "seal")[1]
    lines.insert(at, json.loads(json.dumps(lines[at - 1])))
    return f"posting {numbers[5]}, line 1"


def commitment(lines: Lines, numbers: list[int]) -> str:
    lines[leaf_of(lines, numbers[4])]["leaf"]["source"] = "member:" + "1" * 64
    return f"posting {numbers[4]}, line 1"


def root(lines: Lines, numbers: list[int]) -> str:
    lines[places(lines, "seal")[1]]["seal"]["root"] = "1" * 64
    return f"seal 2 (posting {numbers[3]} and later)"


def root_and_hash(lines: Lines, numbers: list[int]) -> str:
    line = lines[places(lines, "seal")[1]]
    line["seal"]["root"] = "1" * 64
    line["hash"] = hash_of(SEAL, line["seal"]).hex()
    return f"seal 2 (posting {numbers[3]} and later)"


def totals(lines: Lines, numbers: list[int]) -> str:
    lines[places(lines, "seal")[1]]["seal"]["issued"] += 1
    return f"seal 2 (posting {numbers[3]} and later)"


def leaf_and_its_hash(lines: Lines, numbers: list[int]) -> str:
    at = leaf_of(lines, numbers[4])
    old = hash_of(LEAF, lines[at]["leaf"])
    lines[at]["leaf"]["amount"] += 1
    line = lines[places(lines, "seal")[1]]
    leaves = base64.b64decode(line["leaves"]).replace(old, hash_of(LEAF, lines[at]["leaf"]))
    line["leaves"] = base64.b64encode(leaves).decode()
    return f"posting {numbers[4]}, line 1"


def reordered_seals(lines: Lines, numbers: list[int]) -> str:
    first, second, third = places(lines, "seal")
    lines[:] = [
        *lines[: first + 1],
        *lines[second + 1 : third + 1],
        *lines[first + 1 : second + 1],
        *lines[third + 1 :],
    ]
    return f"seal 3 (posting {numbers[6]} and later)"


def dropped_seal(lines: Lines, numbers: list[int]) -> str:
    first, second, _ = places(lines, "seal")
    del lines[first + 1 : second + 1]
    return f"seal 3 (posting {numbers[6]} and later)"


def truncated(lines: Lines, numbers: list[int]) -> str:
    del lines[places(lines, "seal")[1] + 1 :]
    return f"posting {numbers[5]}"


def truncated_with_an_end(lines: Lines, numbers: list[int]) -> str:
    del lines[places(lines, "seal")[1] : -1]
    return f"posting {numbers[5]}"


def other_book(lines: Lines, numbers: list[int]) -> str:
    for at in places(lines, "leaf"):
        lines[at]["leaf"]["book"] += 1
    return f"posting {numbers[0]}, line 1"


def written_anew(lines: Lines, numbers: list[int]) -> str:
    """All hashes agree; the balances of the account tell that somebody changed an amount."""
    amount(lines, numbers)
    seal_again(lines)
    return f"posting {numbers[4]}, line 1"


CHANGES = [
    amount,
    unit,
    moment,
    order,
    dropped_row,
    dropped_last_row,
    doubled_row,
    doubled_last_row,
    commitment,
    root,
    root_and_hash,
    totals,
    leaf_and_its_hash,
    reordered_seals,
    dropped_seal,
    truncated,
    truncated_with_an_end,
    other_book,
    written_anew,
]


@pytest.fixture
async def told(sqlite_engine: object) -> Told:
    return await tell_story()


async def test_an_honest_export_is_proved_on_every_python_there_is(told: Told, tmp_path: Path):
    other = await tell_story()
    digest = await digest_of(book_id=told.book_id, month=MONTH)
    text = await exported(told.book_id, other.book_id)
    for python in interpreters():
        code, said = verified(tmp_path, text, digest.document, python)
        assert code == 0, (python, said)
        assert f"book {told.book_id}: " in said
        assert f"book {other.book_id}: " in said


async def test_every_planted_change_is_found_and_named(told: Told, tmp_path: Path):
    honest = await exported(told.book_id)
    for change in CHANGES:
        lines = [json.loads(line) for line in honest.splitlines()]
        named = change(lines, told.postings)
        code, said = verified(tmp_path, text_of(lines))
        assert (code, said.startswith(f"NOT AS SEALED 不符: {named}: ")) == (1, True), (
            change.__name__,
            named,
            said,
        )


async def test_swapped_books_and_broken_files_are_found(told: Told, tmp_path: Path):
    other = await tell_story()
    text = await exported(told.book_id, other.book_id)
    lines = [json.loads(line) for line in text.splitlines()]
    cut = places(lines, "end")[0] + 1
    swapped = text_of([lines[0], *lines[cut:], *lines[1:cut]])
    half = text[: len(text) // 2]
    twice = text.replace('"amount":', '"amount":1,"amount":', 1)
    for wrong in (swapped, half, twice, "", "[]\n", '{"linli":"export-1"}\n', "{}"):
        code, said = verified(tmp_path, wrong)
        assert (code, said.startswith("NOT AS SEALED")) == (1, True), said


async def test_books_written_anew_behind_the_digest_are_found(told: Told, tmp_path: Path):
    """An operator who computes everything anew deceives only those who hold no digest."""
    digest = (await digest_of(book_id=told.book_id, month=MONTH)).document
    lines = [json.loads(line) for line in (await exported(told.book_id)).splitlines()]
    for at in places(lines, "leaf"):
        lines[at]["leaf"]["words"] = "2" * 64
    seal_again(lines)
    assert verified(tmp_path, text_of(lines))[0] == 0
    code, said = verified(tmp_path, text_of(lines), digest)
    assert (code, f"posting {digest['last_posting']} or one before it" in said) == (1, True)


async def proof_text(told: Told) -> dict[str, Any]:
    digest = await digest_of(book_id=told.book_id, month=MONTH)
    proof = await proof_of(digest=digest, person_id=told.wang.person_id)
    assert proof.holds
    return json.loads(json.dumps(proof.document))


async def test_one_persons_proof_holds_and_shows_nobody_else(told: Told, tmp_path: Path):
    digest = await digest_of(book_id=told.book_id, month=MONTH)
    proof = await proof_text(told)
    code, said = verified(tmp_path, json.dumps(proof), digest.document)
    assert code == 0, said
    assert f"{len(proof['entries'])} transfers" in said
    hers = {one["value"][-1] for one in proof["openings"] if one["value"][0] == "account"}
    assert hers == {told.wang.person_id}
    assert len(proof["entries"]) == 6
    assert "member" not in {entry["leaf"]["source"] for entry in proof["entries"]}


async def test_a_proof_that_was_changed_is_refused(told: Told, tmp_path: Path):
    honest = await proof_text(told)

    def changed(act: Callable[[dict[str, Any]], object]) -> str:
        proof = json.loads(json.dumps(honest))
        act(proof)
        code, said = verified(tmp_path, json.dumps(proof))
        assert code == 1
        return said

    named = honest["entries"][4]["leaf"]["posting"]
    for act in (
        lambda proof: proof["entries"][4]["leaf"].update(amount=99),
        lambda proof: proof["entries"][4].update(index=5),
        lambda proof: proof["entries"][4]["path"].pop(),
        lambda proof: proof["entries"][4].update(seal=9),
    ):
        assert f"posting {named}, line" in changed(act)
    # What was left out between two of hers is missed; so is a seal.
    assert f"posting {named}, line 1" in changed(lambda proof: proof["entries"].pop(2))
    assert "seal 2" in changed(lambda proof: proof["seals"][1].update(root="1" * 64))
    assert "seals lead to" in changed(lambda proof: proof.update(head="1" * 64))
    assert "stands for" in changed(lambda proof: proof["openings"][0].update(salt="1" * 64))
    assert "stands for" in changed(
        lambda proof: proof["openings"][0]["value"].__setitem__(1, "another")
    )


async def test_her_page_says_when_the_books_no_longer_say_what_was_sealed(told: Told):
    await unguarded(
        "transfer", "UPDATE transfer SET amount = 1 WHERE posting_id = {}", told.postings[3]
    )
    digest = await digest_of(book_id=told.book_id, month=MONTH)
    proof = await proof_of(digest=digest, person_id=told.wang.person_id)
    assert not proof.holds
    assert {line.posting_id for line in proof.lines if line.index is None} == {told.postings[3]}


async def test_the_export_of_a_later_month_begins_where_the_last_one_ended(
    told: Told, tmp_path: Path
):
    begin = NOW + timedelta(days=30)
    lines = [
        line async for line in sealed_lines([told.book_id], begin=begin, progress=lambda _: None)
    ]
    assert json.loads(lines[1])["after"]["number"] == 2
    assert verified(tmp_path, "".join(lines))[0] == 0


async def test_after_an_erasure_the_old_export_and_the_new_one_agree(told: Told, tmp_path: Path):
    before = await exported(told.book_id)
    await erase_secrets(person_id=told.wang.person_id)
    assert await exported(told.book_id) == before
    await told.wang.award(3)
    await seal_due(NOW + timedelta(days=61))
    assert verified(tmp_path, await exported(told.book_id))[0] == 0


def test_the_program_prints_on_a_few_pages_and_imports_only_what_python_brings():
    text = Path(linli_verify.__file__).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 250
    imported = {line.split()[1].split(".")[0] for line in text.splitlines() if "import " in line}
    assert imported & {"points", "web", "talentmap"} == set()
    assert hash_of(COMMITMENT, None, "00") != hash_of(COMMITMENT, None, "01")
