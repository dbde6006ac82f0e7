"""Before anything runs on a database: its folder, and its schema."""

from points.transactions import engine
from web.database import DatabaseEngine
from web.migrations import migrate
from web.settings import Settings


def prepare(settings: Settings) -> None:
    """Make the data folder, readable by its owner alone."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)


async def bring_up_to_date() -> list[str]:
    """Migrate the bound database; returns what ran."""
    current = engine()
    assert isinstance(current, DatabaseEngine)
    return await migrate(current)
