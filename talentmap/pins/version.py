"""The number that rises with every change of what the map shows."""

from points.transactions import run


async def map_version() -> int:
    """The present number; triggers raise it in the transaction of the change."""
    [row] = await run("SELECT version FROM talent_map_version")
    return int(row["version"])
