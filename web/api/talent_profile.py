"""My own talent profile, what neighbours write to talents, and what the office recognises."""

from typing import Annotated, Literal

from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community.consents import has_consented
from talentmap.talents import profiles, recognition, relay
from talentmap.talents.listing import PURPOSE
from talentmap.talents.rules import Visibility
from talentmap.talents.times import Time
from web import clock
from web.api.answers import Created, Page, answered, done, paged
from web.api.routing import LIMIT, After, Limit, get, own_or_duty, post
from web.auth import WebRequest, actor
from web.talent_page import recogniser
from web.talent_profile import steps_of

Code = Annotated[str, Meta(min_length=1, max_length=32)]


class MyTalent(Struct, frozen=True):
    """What my profile says, or null; whether I agreed to the map; and who may be let see me."""

    profile: profiles.OwnProfile | None
    agreed: bool
    may_choose: tuple[Visibility, ...]


class ProfileText(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the profile says, without phone numbers and the like."""

    nickname: Annotated[str, Meta(min_length=1, max_length=profiles.NICKNAME_LENGTH_MAX)]
    about: Annotated[str, Meta(max_length=profiles.ABOUT_LENGTH_MAX)] = ""
    times: Annotated[tuple[Time, ...], Meta(max_length=6)] = ()


class OneSkill(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A skill and how well I know it; none takes it out."""

    code: Code
    level: Literal["interest", "teach", "certified", "none"]


class Showing(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who sees me; beyond myself it takes my agreement to the map, which may come with it."""

    visibility: Visibility
    agrees: bool = False


class MessageText(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is passed on, without phone numbers and the like."""

    text: Annotated[str, Meta(min_length=1, max_length=relay.TEXT_LENGTH_MAX)]


class WhichSkill(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which skill of hers."""

    skill_code: Code


@get("/me/talent")
async def get_my_talent(request: WebRequest) -> MyTalent:
    """How I appear, and to whom."""
    return MyTalent(
        profile=await profiles.own_profile(actor(request)),
        agreed=await has_consented(person_id=actor(request), purpose=PURPOSE),
        may_choose=await steps_of(request),
    )


@post("/me/talent", status=204)
async def save_my_talent(request: WebRequest, data: JSONBody[ProfileText]) -> None:
    """Keep what my profile says; a new one is seen by nobody until I say who may."""

    async def act() -> None:
        await profiles.save_profile(
            person_id=actor(request), nickname=data.nickname, about=data.about,
            times=data.times, now=clock.now(),
        )  # fmt: skip

    await done(request, act)


@post("/me/talent/skills", status=204)
async def set_my_skill(request: WebRequest, data: JSONBody[OneSkill]) -> None:
    """Name a skill with its level, or no longer; a recognition ends with its level."""

    async def act() -> None:
        me, now = actor(request), clock.now()
        if data.level == "none":
            await profiles.drop_skill(person_id=me, code=data.code, now=now)
        else:
            await profiles.put_skill(person_id=me, code=data.code, level=data.level, now=now)

    await done(request, act)


@post("/me/talent/visibility", status=204)
async def show_my_talent(request: WebRequest, data: JSONBody[Showing]) -> None:
    """Say who sees me."""

    async def act() -> None:
        await profiles.set_visibility(
            person_id=actor(request), visibility=data.visibility, agrees=data.agrees,
            now=clock.now(),
        )  # fmt: skip

    await done(request, act)


@post("/me/talent/hide", status=204)
async def hide_my_talent(request: WebRequest) -> None:
    """Be seen by nobody, at once; what the profile says is kept."""

    async def act() -> None:
        await profiles.hide_now(person_id=actor(request), now=clock.now())

    await done(request, act)


@get("/talents/messages")
async def list_talent_messages(
    request: WebRequest, after: After = None, limit: Limit = LIMIT
) -> Page[relay.MessageView]:
    """What I wrote and was written, newest first; talents go by their nicknames."""
    found = await relay.messages_of(actor(request), before_id=after, limit=limit + 1)
    return paged(found, limit, lambda one: one.id)


@post("/talents/{person_id:int}/write", status=201)
async def write_to_talent(
    request: WebRequest, person_id: FromPath[int], data: JSONBody[MessageText]
) -> Created:
    """Pass a message on; she is told my name."""

    async def act() -> Created:
        me, now = actor(request), clock.now()
        sent = await relay.send(sender_id=me, talent_id=person_id, text=data.text, now=now)
        return Created(sent)

    return await answered(request, Created, act)


@get("/talents/messages/{message_id:int}")
async def get_talent_message(
    request: WebRequest, message_id: FromPath[int]
) -> tuple[relay.MessageView, ...]:
    """The last fifty between the two, newest first; of a reported one, itself to a steward."""
    own_or_duty(request)
    return await relay.conversation(
        reader_id=actor(request), message_id=message_id, now=clock.now()
    )


@post("/talents/messages/{message_id:int}/answer", status=201)
async def answer_talent_message(
    request: WebRequest, message_id: FromPath[int], data: JSONBody[MessageText]
) -> Created:
    """Write back."""

    async def act() -> Created:
        me, now = actor(request), clock.now()
        return Created(
            await relay.answer(sender_id=me, message_id=message_id, text=data.text, now=now)
        )

    return await answered(request, Created, act)


@post("/talents/messages/{message_id:int}/report", status=204)
async def report_talent_message(request: WebRequest, message_id: FromPath[int]) -> None:
    """Have the office look at it; whoever wrote it cannot write to me again."""

    async def act() -> None:
        await relay.report(reader_id=actor(request), message_id=message_id, now=clock.now())

    await done(request, act)


@get("/talents/{person_id:int}/recognition", may=recogniser, scopes=("read", "staff"))
async def get_candidate(request: WebRequest, person_id: FromPath[int]) -> recognition.Candidate:
    """Who she is, and which of her skills the office recognises; she can read that I looked."""
    return await recognition.candidate(
        actor_id=actor(request), person_id=person_id, now=clock.now()
    )


@post("/talents/{person_id:int}/recognise", may=recogniser, scopes=("write", "staff"), status=204)
async def recognise_skill(
    request: WebRequest, person_id: FromPath[int], data: JSONBody[WhichSkill]
) -> None:
    """Say for the office that she can do it; she is told."""

    async def act() -> None:
        await recognition.recognise(
            actor_id=actor(request), person_id=person_id, skill_code=data.skill_code,
            now=clock.now(),
        )  # fmt: skip

    await done(request, act)


@post("/talents/{person_id:int}/unrecognise", may=recogniser, scopes=("write", "staff"), status=204)
async def unrecognise_skill(
    request: WebRequest, person_id: FromPath[int], data: JSONBody[WhichSkill]
) -> None:
    """Say so no longer."""

    async def act() -> None:
        await recognition.take_back(
            actor_id=actor(request), person_id=person_id, skill_code=data.skill_code,
            now=clock.now(),
        )  # fmt: skip

    await done(request, act)


ROUTES: list[ControllerRouterHandler] = [
    get_my_talent, save_my_talent, set_my_skill, show_my_talent, hide_my_talent,
    list_talent_messages, write_to_talent, get_talent_message, answer_talent_message,
    report_talent_message, get_candidate, recognise_skill, unrecognise_skill,
]  # fmt: skip
