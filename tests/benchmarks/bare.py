"""The other side of the pages: a Litestar application that has nothing to do but answer.

``python -m tests.benchmarks.bare PORT`` serves ``/BYTES``: a page of that many bytes.
"""

import sys
from functools import cache

import uvicorn
from litestar import Litestar, MediaType, Response, get

from web.server import options


@cache
def _page(size: int) -> bytes:
    return b"<!doctype html>".ljust(size, b"x")


@get("/{size:int}")
async def page(size: int) -> Response[bytes]:
    """So many bytes."""
    return Response(_page(size), media_type=MediaType.HTML)


if __name__ == "__main__":
    uvicorn.run(Litestar([page]), host="127.0.0.1", port=int(sys.argv[1]), **options())
