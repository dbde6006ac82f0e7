"""The application, wired.  A subject adds its handlers to ROUTES and nothing else here."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.connection import Request
from litestar.types import ASGIApp, ControllerRouterHandler, Receive, Scope, Send

from points.community.secrets import install_secret
from talentmap.talents.search_rules import matching_skills
from web import (
    account,
    activities,
    activity_forms,
    activity_neighbours,
    activity_pledges,
    activity_roll,
    catalogue,
    committee,
    commons,
    confirm,
    devices,
    digest,
    disputes,
    guardians,
    home,
    imports,
    invitations,
    map_events,
    map_page,
    moving,
    notices,
    occasions,
    outlook,
    people,
    pickup,
    points_pages,
    policy,
    pools,
    redemptions,
    rewards,
    roles,
    roll_call,
    service,
    sign_in,
    statement_files,
    talent_for,
    talent_page,
    talent_profile,
    talents,
)
from web.api import SUBJECTS, api_router, reference
from web.api.description import describe
from web.auth import VisitorMiddleware
from web.clock import now
from web.database import opened
from web.errors import HANDLERS, broken
from web.forms import check_request
from web.jobs import jobs_running
from web.map_ground import ground_of
from web.security import add_headers
from web.settings import Settings
from web.static_files import give_file

BODY_BYTES_MAX = 1_000_000
# A stream has to arrive bit by bit, and what is packed already does not get smaller.  No page says
# the same secret twice (the token of its forms is salted anew), so packing gives none away.
COMPRESSION = CompressionConfig(
    backend="gzip",
    minimum_size=1000,
    gzip_compress_level=5,
    exclude=[r"^/map/events$", r"^/static/", r"\.(pdf|xlsx)$", r"/photo$"],
)

ROUTES: Sequence[ControllerRouterHandler] = [
    *home.ROUTES,
    *map_page.ROUTES,
    *points_pages.ROUTES,
    *pools.ROUTES,
    *commons.ROUTES,
    *disputes.ROUTES,
    *digest.ROUTES,
    *statement_files.ROUTES,
    *service.ROUTES,
    *activities.ROUTES,
    *activity_forms.ROUTES,
    *activity_neighbours.ROUTES,
    *activity_roll.ROUTES,
    *activity_pledges.ROUTES,
    *talents.ROUTES,
    *talent_page.ROUTES,
    *talent_profile.ROUTES,
    *talent_for.ROUTES,
    *occasions.ROUTES,
    *roll_call.ROUTES,
    *confirm.ROUTES,
    *rewards.ROUTES,
    *redemptions.ROUTES,
    *committee.ROUTES,
    *pickup.ROUTES,
    *catalogue.ROUTES,
    *outlook.ROUTES,
    *sign_in.ROUTES,
    *account.ROUTES,
    *devices.ROUTES,
    *people.ROUTES,
    *guardians.ROUTES,
    *moving.ROUTES,
    *policy.ROUTES,
    *imports.ROUTES,
    *roles.ROUTES,
    *invitations.ROUTES,
    *notices.ROUTES,
    *map_events.ROUTES,
]


def create_app(settings: Settings) -> Litestar:
    """The application on the database that the settings name."""

    app = Litestar(
        route_handlers=[
            give_file,
            Router("/", route_handlers=[*ROUTES, *reference.ROUTES], include_in_schema=False),
            api_router(),
        ],
        lifespan=[_database, jobs_running, map_events.map_watched, _words_ready],
        compression_config=COMPRESSION,
        before_request=check_request,
        before_send=[add_headers],
        exception_handlers=HANDLERS,
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
        signature_types=[],
    )
    app.state.settings = settings
    describe(app, list(SUBJECTS))
    # Outside the routes, so that an unknown address still knows who asked for it.
    app.asgi_handler = VisitorMiddleware(app.asgi_handler, _broken)
    return app


@asynccontextmanager
async def _words_ready(app: Litestar) -> AsyncIterator[None]:
    """Have pinyin spelled out in a thread, so that the first search does not hold up the others."""
    if app.state.settings.jobs:
        spelling = asyncio.create_task(asyncio.to_thread(matching_skills, "a"))
        yield
        await spelling
    else:
        yield


@asynccontextmanager
async def _database(app: Litestar) -> AsyncIterator[None]:
    app.state.ground = ground_of(app.state.settings)
    async with opened(app.state.settings.database_url):
        app.state.secret = await install_secret(name="web", now=now())
        yield


def _broken(scope: Scope, error: Exception) -> ASGIApp:
    """What answers when even the visitor could not be found out."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        response = broken(request, error).to_asgi_response(app=None, request=request)
        await response(scope, receive, send)

    return cast(ASGIApp, answer)
