"""Personal tokens for programs."""

from datetime import timedelta

import pytest

from points.community.access.errors import (
    NoSuchToken,
    TokenLabelWrong,
    TokenScopeUnknown,
    TokenTermWrong,
    TooManyTokens,
)
from points.community.access.tokens import (
    create_token,
    revoke_token,
    token_holder,
    token_person,
    tokens_of,
)
from points.community.people import close_account
from points.transactions import run
from tests.cast import FOUNDED, Cast, cast
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio


async def make(them: Cast, label: str = "表格", scopes: tuple[str, ...] = ("read",)) -> str:
    return await create_token(
        person_id=them.zhang_wei, label=label, scopes=scopes, days=7, now=FOUNDED
    )


async def test_a_token_stands_for_its_owner_until_it_ends(engine: DatabaseEngine):
    them = await cast()
    token = await make(them, scopes=("write", "read"))
    assert token.startswith("linli_")
    holder = await token_holder(token, FOUNDED)
    assert holder is not None
    assert (holder.person_id, holder.scopes) == (them.zhang_wei, ("read", "write"))
    assert await token_person(token, FOUNDED + timedelta(days=6)) == them.zhang_wei
    assert await token_person(token, FOUNDED + timedelta(days=7)) is None
    assert token not in repr(await run("SELECT * FROM api_token"))
    for wrong in ("", "linli_", token + "x", "\ud800\x00"):
        assert await token_holder(wrong, FOUNDED) is None


async def test_owners_see_and_revoke_their_tokens_and_no_others(engine: DatabaseEngine):
    them = await cast()
    token = await make(them)
    await token_person(token, FOUNDED + timedelta(hours=1))
    [line] = await tokens_of(them.zhang_wei, FOUNDED)
    assert (line.label, line.scopes, line.used_at) == (
        "表格",
        ("read",),
        FOUNDED + timedelta(hours=1),
    )
    for stranger in (them.chen_jing, them.wu_di):
        with pytest.raises(NoSuchToken):
            await revoke_token(person_id=stranger, token_id=line.id, now=FOUNDED)
    await revoke_token(person_id=them.zhang_wei, token_id=line.id, now=FOUNDED)
    assert await token_person(token, FOUNDED) is None
    for number in (line.id, 10**30):
        with pytest.raises(NoSuchToken):
            await revoke_token(person_id=them.zhang_wei, token_id=number, now=FOUNDED)


async def test_a_wrong_wish_for_a_token_is_refused(engine: DatabaseEngine):
    them = await cast()
    for label in ("", " ", "长" * 61):
        with pytest.raises(TokenLabelWrong):
            await make(them, label)
    for scopes in ((), ("everything",)):
        with pytest.raises(TokenScopeUnknown):
            await make(them, scopes=scopes)
    for days in (0, -1, 367, 10**30):
        with pytest.raises(TokenTermWrong):
            await create_token(
                person_id=them.zhang_wei, label="x", scopes=["read"], days=days, now=FOUNDED
            )
    for _ in range(20):
        await make(them)
    with pytest.raises(TooManyTokens):
        await make(them)


async def test_the_token_of_a_closed_account_is_nobodys(engine: DatabaseEngine):
    them = await cast()
    token = await make(them)
    await close_account(actor_id=them.zhang_wei, person_id=them.zhang_wei, now=FOUNDED)
    assert await token_person(token, FOUNDED) is None
