"""What every answer says to the browser, and how a form proves that it is ours.

The token of a form is an HMAC over the visitor's own session (or, before sign-in, over a random
visitor cookie), keyed with the secret of the install: a token of one session is worth nothing in
another, and a stale one only costs a reload.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from typing import Any

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    ]
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=()",
}
# The ground under the map changes seldom, so browsers keep it and ask whether it is still so.
OUTLINES = "/api/map/outlines"
MAP_PATH = "/map"
FOR_EVER = "public, max-age=31536000, immutable"
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CSRF_FIELD = "_csrf_token"
CSRF_HEADER = "x-csrftoken"
_SALT_BYTES = 8


async def add_headers(message: Message, scope: Scope) -> None:
    """Put the security headers on every answer, also on errors and static files."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in HEADERS.items():
        headers[name] = value
    if scope.get("scheme") == "https":
        headers["strict-transport-security"] = "max-age=31536000"
    headers["cache-control"] = _cache_control(scope, message["status"])
    hosts = _picture_hosts(scope)
    if hosts:
        headers["content-security-policy"] = with_pictures_from(hosts)


def with_pictures_from(hosts: Sequence[str]) -> str:
    """The policy of a page that shows pictures of other hosts, and of no others."""
    ours = "img-src 'self' data:"
    return CONTENT_SECURITY_POLICY.replace(ours, " ".join([ours, *hosts]))


def _picture_hosts(scope: Scope) -> Sequence[str]:
    """Only the map shows tiles, and only where the operator named a host for them."""
    if scope["path"] != MAP_PATH:
        return ()
    ground = scope["litestar_app"].state.get("ground")
    return ground.hosts if ground is not None else ()


def _cache_control(scope: Scope, status: int) -> str:
    """Files named by their content are kept for ever; pages are nobody else's to keep."""
    if scope["path"] == OUTLINES:
        return "private, no-cache"
    if not str(scope["path"]).startswith(("/static/", f"{MAP_PATH}/main.js")):
        return "no-store"
    named_by_content = bytes(scope.get("query_string", b"")).startswith(b"v=")
    return FOR_EVER if status in {200, 304} and named_by_content else "no-cache"


def new_token() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def csrf_token(secret: bytes, session: str) -> str:
    """A token for the forms of this session; salted, so that no two pages look alike."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return _encode(salt + _mac(secret, b"csrf", salt + session.encode()))


def csrf_matches(secret: bytes, session: str, token: str) -> bool:
    """Whether the token was made for this session."""
    raw = _decode(token)
    salt, proof = raw[:_SALT_BYTES], raw[_SALT_BYTES:]
    return hmac.compare_digest(proof, _mac(secret, b"csrf", salt + session.encode()))


def sealed(secret: bytes, purpose: str, value: object) -> str:
    """A JSON value for a cookie, which nobody but us can have written."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return _encode(_mac(secret, purpose.encode(), body) + body)


def unsealed(secret: bytes, purpose: str, text: str | None) -> Any:
    """The value of a sealed cookie; None for anything else."""
    raw = _decode(text or "")
    proof, body = raw[:32], raw[32:]
    if not body or not hmac.compare_digest(proof, _mac(secret, purpose.encode(), body)):
        return None
    return json.loads(body)


def keyed_hash(secret: bytes, text: str) -> str:
    """A hash that is worth nothing without the secret of the install."""
    return _mac(secret, b"hash", text.encode()).hex()


def _mac(secret: bytes, purpose: bytes, body: bytes) -> bytes:
    return hmac.new(secret, purpose + b"\0" + body, hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
