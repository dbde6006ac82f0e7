"""What the API is, as OpenAPI 3.1: made from the handlers, so that it cannot differ from them."""

from litestar import Litestar
from litestar._openapi.plugin import OpenAPIPlugin
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, Reference, SecurityScheme, Tag

from web.security import CSRF_HEADER

VERSION = "1"
ABOUT = """\
The same use cases as the pages, for programs. Ids, points and minutes are integers; moments are
ISO 8601 with their offset. A change carries `Idempotency-Key`: the same key with the same body gets
the first answer again. Lists take `limit` and `after` and give `next`. Every refusal is
`application/problem+json` (RFC 9457) in the language of the token's owner, or of `Accept-Language`.

Scopes of a token: `read` looks, `write` changes, `staff` uses the duties of its owner's roles."""
SCHEMES: dict[str, SecurityScheme | Reference] = {
    "bearer": SecurityScheme(
        type="http", scheme="bearer", description="A token of `/me/tokens` or `linli token`."
    ),
    "session": SecurityScheme(
        type="apiKey", name="linli", security_scheme_in="cookie",
        description="The session of the site (`__Host-linli` over https).",
    ),
    "csrf": SecurityScheme(
        type="apiKey", name=CSRF_HEADER, security_scheme_in="header",
        description="With a session, whatever changes something carries the token of the page.",
    ),
}  # fmt: skip


def describe(app: Litestar, tags: list[str]) -> None:
    """Let ``app.openapi_schema`` describe the API.

    Litestar's own way would also serve the description, on pages that ask other hosts for scripts
    or speak English only; so its plugin is given the configuration and not the routes.
    """
    config = OpenAPIConfig(
        title="Linli 邻里",
        version=VERSION,
        description=ABOUT,
        components=Components(security_schemes=SCHEMES),
        tags=[Tag(name=tag) for tag in tags],
        use_handler_docstrings=True,
    )
    app.plugins.get(OpenAPIPlugin)._openapi_config = config
