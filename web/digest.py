"""The sealed books: the digest for the notice board, and everybody's own proof."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import segno
from litestar import MediaType, Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from points.ledger import linli_verify
from points.ledger.sealing.digests import (
    Digest,
    books_sealed,
    digest_of,
    months_sealed,
    newest_month,
)
from points.ledger.sealing.errors import NotSealed
from points.ledger.sealing.proofs import Proof, proof_of, why_not
from points.service.occasions import book_of_person
from web.auth import WebRequest, actor, signed_in
from web.forms import Id, wanted
from web.i18n import LANGUAGES, N_, translator
from web.pages import page, words
from web.points_reasons import what_of

# Said in both languages on the sheet, whoever prints it.
PROVES = N_(
    "Every entry up to {when} stands under this imprint: if one of them is ever changed, dropped "
    "or moved, whoever has this sheet can prove it. What is newer than the last printed digest "
    "could still be rewritten by the operator."
)
PROGRAM = Path(linli_verify.__file__).read_text(encoding="utf-8")


class BookQuery(Struct, frozen=True):
    """Whose books."""

    book: Id | None = None


@get("/digest")
async def digests_page(request: WebRequest) -> Response[Any]:
    """Every month that was sealed, newest first."""
    book_id = await _book(request)
    months = await months_sealed(book_id) if book_id else []
    newest = await digest_of(book_id=book_id, month=months[0]) if book_id and months else None
    return page(
        request, "digest/list.html", newest=newest, months=[_month(one) for one in months],
        books=_tabs(await books_sealed()), book=str(book_id), query=_query(book_id),
    )  # fmt: skip


@get("/digest/{month:str}")
async def digest_page(request: WebRequest, month: FromPath[str]) -> Response[Any]:
    """The digest of a month, to read and to print."""
    digest = await _digest(request, month)
    return page(
        request, "digest/month.html", digest=digest, imprint=imprint(digest.head),
        proves=_proves(request, digest), query=_query(digest.book_id),
        address=_address(request, digest), qr=_qr(_address(request, digest)),
    )  # fmt: skip


@get("/digest/{month:str}/digest.json")
async def digest_file(request: WebRequest, month: FromPath[str]) -> Response[str]:
    """The digest as the verifier reads it."""
    digest = await _digest(request, month)
    return _file(digest.document, f"linli-digest-{digest.book_id}-{digest.month}.json")


@get("/digest/{month:str}/mine", guards=[signed_in])
async def my_proof_page(request: WebRequest, month: FromPath[str]) -> Response[Any]:
    """My own entries of the month, each held against its seal."""
    proof = await _proof(request, month)
    return page(
        request, "digest/mine.html", proof=proof, digest=proof.digest, torn=why_not(proof),
        imprint=imprint(proof.digest.head), what=what_of(words(request)),
        query=_query(proof.digest.book_id),
    )  # fmt: skip


@get("/digest/{month:str}/mine.json", guards=[signed_in])
async def my_proof_file(request: WebRequest, month: FromPath[str]) -> Response[str]:
    """My proof, for the verifier."""
    proof = await _proof(request, month)
    return _file(proof.document, f"linli-proof-{proof.digest.month}.json")


@get("/me/proof", guards=[signed_in])
async def newest_proof(request: WebRequest) -> Response[Any]:
    """My proof for the newest month."""
    book_id = await _book(request)
    month = await newest_month(book_id) if book_id else None
    to = f"/digest/{month}/mine?{_query(book_id)}" if month else "/digest"
    return Response(None, status_code=303, headers={"location": to})


@get("/digest/linli_verify.py", media_type=MediaType.TEXT)
async def verifier() -> Response[str]:
    """The program that checks exports and proofs, to be read before it is run."""
    return Response(PROGRAM, media_type="text/plain; charset=utf-8")


ROUTES: list[ControllerRouterHandler] = [
    digests_page, digest_page, digest_file, my_proof_page, my_proof_file, newest_proof, verifier,
]  # fmt: skip


def imprint(head: str) -> list[str]:
    """A hash in groups that can be read aloud and compared by eye."""
    return [head[at : at + 4] for at in range(0, len(head), 4)]


async def _book(request: WebRequest) -> int | None:
    """The book that was asked for, one's own, or the first of all."""
    asked = wanted(request, BookQuery).book
    if asked is not None:
        return asked
    sealed = [book_id for book_id, _ in await books_sealed()]
    mine = request.user.me and await book_of_person(request.user.me.person_id)
    return mine if mine in sealed else next(iter(sealed), None)


async def _digest(request: WebRequest, month: str) -> Digest:
    book_id = await _book(request)
    if book_id is None or book_id not in [sealed for sealed, _ in await books_sealed()]:
        raise NotSealed
    return await digest_of(book_id=book_id, month=month)


async def _proof(request: WebRequest, month: str) -> Proof:
    return await proof_of(digest=await _digest(request, month), person_id=actor(request))


def _query(book_id: int | None) -> str:
    return urlencode({"book": book_id}) if book_id else ""


def _tabs(books: list[tuple[int, str]]) -> list[tuple[str, str, str]]:
    """One tab for each book, where there is more than one."""
    found = [(str(book_id), f"/digest?{_query(book_id)}", name) for book_id, name in books]
    return found if len(found) > 1 else []


def _month(month: str) -> tuple[str, date]:
    return month, date.fromisoformat(f"{month}-01")


def _address(request: WebRequest, digest: Digest) -> str:
    base = request.app.state.settings.public_url or str(request.base_url).rstrip("/")
    return f"{base}/digest/{digest.month}?{_query(digest.book_id)}"


def _qr(text: str) -> str:
    return str(segno.make(text, error="m").svg_data_uri(scale=4, border=2))


def _proves(request: WebRequest, digest: Digest) -> Mapping[str, str]:
    """What the digest proves, in every language."""
    said: dict[str, str] = {}
    for language in LANGUAGES:
        say = translator(language, request.user.time_zone)
        said[language] = say.gettext(PROVES, when=say.date_time(digest.sealed_at))
    return said


def _file(document: Mapping[str, Any], name: str) -> Response[str]:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    text = json.dumps(document, ensure_ascii=False, indent=1)
    return Response(text, media_type="application/json", headers=headers)
