"""My own page: how I read, where I am signed in, what I agreed to, who looked at me, my data."""

from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community import consents, guardians, people, profiles, reads
from points.community.rules import ADULT_FROM_YEARS, is_minor
from web import clock
from web.account_export import everything_about
from web.auth import WebRequest, actor, signed_in, taste_cookies
from web.forms import BLANK, Form, Id, submit, wanted
from web.i18n import N_
from web.pages import Done, local_path, page

READS_PER_PAGE = 50


class Taste(Struct, frozen=True):
    """How somebody likes to read; what is absent stays as it is."""

    language: Literal["zh", "en"] | None = None
    elder_mode: Literal["yes", "no"] | None = None
    text_size: Literal["22", "26", "30"] | None = None
    next: Annotated[str, Meta(max_length=500)] = "/"


class ConsentForm(Form, frozen=True, kw_only=True):
    """An agreement given or withdrawn, for oneself or for one's child."""

    person_id: Id
    purpose: Annotated[str, Meta(max_length=32)]


class Older(Struct, frozen=True):
    """A page of a list that goes back in time."""

    before: Id | None = None


@get("/me", guards=[signed_in])
async def my_page(request: WebRequest) -> Response[Any]:
    """Who I am here, and the way to everything that is mine."""
    mine = await profiles.my_details(person_id=actor(request))
    return page(request, "account/me.html", mine=mine)


@get("/me/preferences", guards=[signed_in])
async def preferences_page(request: WebRequest) -> Response[Any]:
    """Language and size."""
    return page(request, "account/preferences.html", form=BLANK)


@post("/preferences")
async def prefer(request: WebRequest) -> Response[Any]:
    """Remember how this person, or this browser, likes to read."""

    async def act(form: Taste) -> Done:
        elder = None if form.elder_mode is None else form.elder_mode == "yes"
        await _remember(request, form.language, elder)
        size = "" if form.text_size == "22" else form.text_size
        cookies = taste_cookies(request, language=form.language, elder=elder, text_size=size)
        return Done(local_path(form.next), cookies=tuple(cookies))

    return await submit(request, Taste, act, replayed=False)


@get("/me/consents", guards=[signed_in])
async def consents_page(request: WebRequest) -> Response[Any]:
    """What I agreed to, and what I agreed to for my children."""
    today = clock.today(request.user.time_zone)
    me = await profiles.person(actor(request))
    wards = await guardians.children_of(me.id, today)
    asked = [(me.id, me.name, await _asked(me.id, minor=is_minor(me.birth_date, today)))]
    asked += [(one.person_id, one.name, await _asked(one.person_id, minor=True)) for one in wards]
    return page(request, "account/consents.html", asked=asked)


@post("/me/consents/give", guards=[signed_in])
async def give_consent(request: WebRequest) -> Response[Any]:
    """Agree."""

    async def act(form: ConsentForm) -> Done:
        await consents.give_consent(
            actor_id=actor(request), person_id=form.person_id, purpose=form.purpose,
            now=clock.now(),
        )  # fmt: skip
        return Done("/me/consents", N_("Thank you. You can take this back at any time."))

    return await submit(request, ConsentForm, act)


@post("/me/consents/withdraw", guards=[signed_in])
async def withdraw_consent(request: WebRequest) -> Response[Any]:
    """Take an agreement back; it counts at once."""

    async def act(form: ConsentForm) -> Done:
        await consents.withdraw_consent(
            actor_id=actor(request), person_id=form.person_id, purpose=form.purpose,
            now=clock.now(),
        )  # fmt: skip
        return Done("/me/consents", N_("Taken back. It counts from now on."))

    return await submit(request, ConsentForm, act)


@get("/me/reads", guards=[signed_in])
async def reads_page(request: WebRequest) -> Response[Any]:
    """Who looked at me."""
    before = wanted(request, Older).before
    seen = await reads.reads_of(person_id=actor(request), before_id=before, limit=READS_PER_PAGE)
    older = f"/me/reads?before={seen[-1].id}" if len(seen) == READS_PER_PAGE else ""
    return page(request, "account/reads.html", seen=seen, older=older, first=before is None)


@get("/me/proxies", guards=[signed_in])
async def proxies_page(request: WebRequest) -> Response[Any]:
    """Who did what for me, and why."""
    before, size = wanted(request, Older).before, READS_PER_PAGE
    done = await reads.proxies_of(person_id=actor(request), before_id=before, limit=size)
    older = f"/me/proxies?before={done[-1].id}" if len(done) == size else ""
    return page(request, "account/proxies.html", done=done, older=older, first=before is None)


@get("/me/data", guards=[signed_in])
async def data_page(request: WebRequest) -> Response[Any]:
    """What can be taken away, before it is."""
    return page(request, "account/data.html")


@get("/me/export", guards=[signed_in])
async def export(request: WebRequest) -> Response[Any]:
    """Everything kept about me, as one JSON file."""
    content = await everything_about(person_id=actor(request), now=clock.now())
    headers = {"content-disposition": 'attachment; filename="linli-my-data.json"'}
    return Response(content, media_type="application/json", headers=headers)


ROUTES: list[ControllerRouterHandler] = [
    my_page, preferences_page, prefer, consents_page, give_consent, withdraw_consent, reads_page,
    proxies_page, data_page, export,
]  # fmt: skip


async def _remember(request: WebRequest, language: str | None, elder: bool | None) -> None:
    me = request.user.me
    if me is None or (language is None and elder is None):
        return
    await people.update_person(
        actor_id=me.person_id,
        person_id=me.person_id,
        language=me.language if language is None else language,
        elder_mode=me.elder_mode if elder is None else elder,
        now=clock.now(),
    )


async def _asked(person_id: int, *, minor: bool) -> list[tuple[str, consents.ConsentLine | None]]:
    """Every purpose that concerns this person, with the consent that is alive."""
    given = await consents.consents_of(person_id)
    alive = {one.purpose: one for one in given if one.withdrawn_at is None}
    return [
        (code, alive.get(code))
        for code, purpose in consents.PURPOSES.items()
        if minor or purpose.alone_from_years < ADULT_FROM_YEARS
    ]
