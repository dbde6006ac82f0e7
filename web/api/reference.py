"""The description of the API, for programs and for people."""

from typing import Any

from litestar import Request, Response, get
from litestar.types import ControllerRouterHandler
from msgspec import json

MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.1"


@get("/schema/openapi.json", media_type=MEDIA_TYPE)
async def openapi_description(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Everything the API takes and answers, as OpenAPI 3.1."""
    return Response(json.encode(request.app.openapi_schema.to_schema()), media_type=MEDIA_TYPE)


ROUTES: list[ControllerRouterHandler] = [openapi_description]
