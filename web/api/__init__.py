"""The API that others build on: the same use cases as the pages, for programs, under ``/api``.

Rules of this door
    * Bodies and answers are JSON.  Ids, points and minutes are integers; moments are ISO 8601 with
      their offset, days are plain dates.
    * ``Authorization: Bearer linli_…`` with a token of ``/me/tokens`` or ``linli token``.  A token
      reads, changes (``write``) and, only with ``staff``, uses the duties of its owner's roles.
      The session of the site opens it too; a change then carries the header ``x-csrftoken``.
    * Whatever changes something carries ``Idempotency-Key`` and is answered by
      ``points.requests.once``: the same key and body get the first answer, another body is refused.
    * Lists come in pages: ``limit`` and ``after`` in, ``items`` and ``next`` out.
    * Every "no" is ``application/problem+json`` in the caller's language (``web.errors``).

How a subject adds its handlers
    Write ``web/api/SUBJECT.py`` with ``get`` and ``post`` of ``web.api.routing`` (they carry
    guards, scopes and every documented answer), a ``msgspec.Struct`` with
    ``forbid_unknown_fields`` as body and frozen dataclasses or thin Structs as answers; check
    that an answer holds nothing that must not leave.  A change ends in
    ``answered(request, Kind, act)`` or ``done(request, act)``, a list in ``paged``.  What shows
    others to staff as well as oneself to oneself asks ``own_or_duty`` too.  Add ROUTES to SUBJECTS
    below and a line for each to ``tests/web/access_api.py``; description, reference page and the
    tests over all routes find them by themselves.
"""

from litestar import Router

from web.api import (
    activities,
    areas,
    books,
    catalogue,
    committee,
    me,
    notices,
    occasions,
    outlook,
    people,
    pickup,
    pledges,
    policy,
    records,
    rewards,
    roles,
    talent_for,
    talent_map,
    talent_profile,
    talents,
)
from web.api.bodies import check_call
from web.api.problems import HANDLERS
from web.api.routing import subject

SUBJECTS = {
    "Me": me.ROUTES,
    "Notices": notices.ROUTES,
    "Areas": areas.ROUTES,
    "People": people.ROUTES,
    "Roles": roles.ROUTES,
    "Occasions": occasions.ROUTES,
    "Service": records.ROUTES,
    "Points": books.ROUTES,
    "Outlook": outlook.ROUTES,
    "Policy": policy.ROUTES,
    "Activities": activities.ROUTES,
    "Pledges": pledges.ROUTES,
    "Rewards": rewards.ROUTES,
    "Committee": committee.ROUTES,
    "Counter": pickup.ROUTES,
    "Catalogue": catalogue.ROUTES,
    "Map": talent_map.ROUTES,
    "Talents": [*talents.ROUTES, *talent_profile.ROUTES, *talent_for.ROUTES],
}


def api_router() -> Router:
    """All handlers of the API."""
    return Router(
        "/api",
        route_handlers=[subject(tag, routes) for tag, routes in SUBJECTS.items()],
        before_request=check_call,
        exception_handlers=HANDLERS,
    )
