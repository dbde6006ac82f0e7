"""Keys made once for this install.  They never leave it, except inside a backup."""

import secrets
from datetime import datetime

from points.transactions import run, use_case

SECRET_BYTES = 32


@use_case
async def install_secret(*, name: str, now: datetime) -> bytes:
    """The key of that name, made the first time somebody asks."""
    rows = await run("SELECT value FROM install_secret WHERE name = {}", name)
    if not rows:
        await run(
            "INSERT INTO install_secret (name, value, made_at) VALUES ({}, {}, {}) "
            "ON CONFLICT DO NOTHING",
            name,
            secrets.token_hex(SECRET_BYTES),
            now,
        )
        rows = await run("SELECT value FROM install_secret WHERE name = {}", name)
    return bytes.fromhex(rows[0]["value"])
