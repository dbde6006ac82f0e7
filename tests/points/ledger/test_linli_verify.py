"""The hashes of the verifier, against vectors that were computed elsewhere or long ago."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.ledger import linli_verify
from points.ledger.linli_verify import (
    COMMITMENT,
    LEAF,
    SEAL,
    hash_of,
    merkle_root,
    root_of_path,
)
from points.ledger.sealing.proofs import levels_of, path_of

# The leaves and roots with which Certificate Transparency (RFC 6962) is tested.
RFC_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
RFC_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAF_1 = {
    "book": 1,
    "posting": 7,
    "line": 1,
    "lines": 1,
    "kind": "hold",
    "unit": "points",
    "amount": 18,
    "vintage": "2026-12-31",
    "happened_at": "2026-11-22T02:00:00.000000+00:00",
    "recorded_at": "2026-11-22T02:00:00.000000+00:00",
    "reverses": None,
    "actor": "0b" * 32,
    "words": "0c" * 32,
    "source": "member:" + "0d" * 32,
    "source_sequence": 3,
    "source_balance": 17,
    "target": "redemption:" + "0e" * 32,
    "target_sequence": 1,
    "target_balance": 18,
}
HEADER_1 = {
    "format": "linli-seal-1",
    "book": 1,
    "number": 1,
    "first_posting": 7,
    "last_posting": 7,
    "postings": 1,
    "transfers": 1,
    "root": "ab" * 32,
    "previous": "0" * 64,
    "issued": 35,
    "redeemed": 0,
    "minutes": 120,
    "sealed_at": "2026-11-22T06:00:00.000000+00:00",
}


def leaf_of_bytes(content: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + content).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_tree_is_that_of_rfc_6962(size: int):
    assert (
        merkle_root([leaf_of_bytes(one) for one in RFC_LEAVES[:size]]).hex()
        == (RFC_ROOTS[size - 1])
    )


GOLDEN = [
    (LEAF, LEAF_1, "", "647c41c6e597ca75e0022f90dc20c89c43cf327919da2ea0ed80148afac0f2e9"),
    (SEAL, HEADER_1, "", "fac1ba85c5a40c74b1980af2616b1748b090fd3fbe30036c159ee980ce646fb9"),
    (
        COMMITMENT,
        ["account", 1, "member", 12],
        "5a" * 32,
        "762d1bae1322c6583dda05960599a1bbb1f3da05444ac67f948c56e3e4b5d78a",
    ),
    (
        COMMITMENT,
        ["words", "服务:1", None],
        "5a" * 32,
        "0ba30ea3028959ba46297bf53e600229ba706b8e44935a65287af2fc5869652e",
    ),
]


@pytest.mark.parametrize(("domain", "value", "salt", "golden"), GOLDEN)
def test_everything_hashes_as_it_did_on_the_first_day(domain, value, salt: str, golden: str):
    assert hash_of(domain, value, salt).hex() == golden


def test_a_node_is_never_a_leaf_nor_a_seal():
    """The same bytes hash otherwise in each place, so no subtree can be passed off as a leaf."""
    assert len({hash_of(domain, {}) for domain in (LEAF, SEAL, COMMITMENT)}) == 3
    assert linli_verify.node_hash(b"", b"{}") not in {
        hash_of(domain, {}) for domain in (LEAF, SEAL, COMMITMENT)
    }


@given(size=st.integers(1, 70), data=st.data())
def test_every_leaf_leads_to_the_root_and_to_no_other(size: int, data: st.DataObject):
    leaves = [leaf_of_bytes(bytes([number])) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path = path_of(levels_of(leaves), index)
    root = merkle_root(leaves)
    assert root_of_path(leaves[index], index, size, path) == root
    assert root_of_path(leaf_of_bytes(b"x"), index, size, path) != root
    assert root_of_path(leaves[index], index, size, [*path, root]) is None
    for wrong in {index ^ 1, size, -1} - {index}:
        assert root_of_path(leaves[index], wrong, size, path) != root
