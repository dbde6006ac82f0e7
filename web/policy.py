"""How points work here: the policy in force for everybody, a new one by the stewards; and the
tables that an office fills in."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal, get_args

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from points.imports.templates import TemplateKind, template_csv, template_xlsx
from points.service.errors import NoBookHere
from points.service.occasions import book_of_person
from points.service.policy import adopt_policy, policies_of
from points.service.rules import Terms
from web import clock
from web.auth import WebRequest, actor, require_roles, signed_in, staff
from web.forms import BLANK, Filled, Form, submit
from web.i18n import N_
from web.pages import Done, page

Count = Annotated[int, Meta(ge=0, le=1_000_000)]
FORMS = {
    "xlsx": (template_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (template_csv, "text/csv; charset=utf-8"),
}
TABLES: dict[str, tuple[TemplateKind, str]] = {
    f"/tables/{kind}.{form}": (kind, form) for kind in get_args(TemplateKind) for form in FORMS
}
adopter = require_roles("steward")


class PolicyForm(Form, frozen=True, kw_only=True):
    """A policy as the committee adopted it; what is not asked stays as it was."""

    effective_from: date
    points_per_hour: Count
    day_cap_points: Count
    month_cap_points: Count
    year_cap_points: Count
    adopted_on: date
    adopted_by_body: Annotated[str, Meta(min_length=1, max_length=120)]
    votes_for: Count
    votes_against: Count
    votes_abstained: Count
    expiry: Literal["keep", "never", "year", "next_year", "months"] = "keep"
    expiry_months: Annotated[int, Meta(ge=1, le=120)] = 12

    def terms(self, before: Terms) -> Terms:
        """The terms before, with the numbers of this form."""
        counted = replace(
            before,
            points_per_hour=self.points_per_hour,
            day_cap_points=self.day_cap_points,
            month_cap_points=self.month_cap_points,
            year_cap_points=self.year_cap_points,
        )
        return self._ending(counted)

    def _ending(self, terms: Terms) -> Terms:
        """The terms with when points end, where that changes."""
        years: dict[str, int | None] = {"never": None, "year": 0, "next_year": 1}
        if self.expiry == "months":
            return replace(terms, expires_after_months=self.expiry_months)
        if self.expiry in years:
            after = years[self.expiry]
            return replace(terms, expires_after_months=None, expires_after_years=after)
        return terms


@get("/policy", guards=[signed_in])
async def policy_page(request: WebRequest) -> Response[Any]:
    """What an hour earns here, the caps, and who decided that."""
    return await _policy_again(request, BLANK)


@post("/policy", guards=[adopter])
async def adopt(request: WebRequest) -> Response[Any]:
    """Record what the residents' meeting adopted."""

    async def act(form: PolicyForm) -> Done:
        await _adopt(request, form)
        return Done("/policy", N_("Recorded. It applies from its first day on."))

    return await submit(request, PolicyForm, act, partial(_policy_again, request))


@get(list(TABLES), guards=[staff])
async def table_to_fill_in(request: WebRequest) -> Response[bytes]:
    """A table with the columns that the import understands."""
    path = request.scope["path"]
    kind, form = TABLES[path]
    make, media_type = FORMS[form]
    headers = {"Content-Disposition": f'attachment; filename="linli-{kind}.{form}"'}
    return Response(make(kind), media_type=media_type, headers=headers)


ROUTES: list[ControllerRouterHandler] = [policy_page, adopt, table_to_fill_in]


async def _adopt(request: WebRequest, form: PolicyForm) -> None:
    book_id = await _book(request)
    now = clock.now()
    policies = await policies_of(book_id)
    await adopt_policy(
        actor_id=actor(request),
        book_id=book_id,
        effective_from=form.effective_from,
        terms=form.terms(policies.versions[-1].terms),
        adopted_on=form.adopted_on,
        adopted_by_body=form.adopted_by_body,
        votes_for=form.votes_for,
        votes_against=form.votes_against,
        votes_abstained=form.votes_abstained,
        now=now,
    )


async def _policy_again(request: WebRequest, filled: Filled) -> Response[Any]:
    policies = await policies_of(await _book(request))
    today = clock.today(request.user.time_zone)
    return page(
        request,
        "policy/policy.html",
        status=filled.status,
        form=filled,
        policy=policies.at(today),
        versions=list(reversed(policies.versions)),
        today=today,
        next_month=date(today.year + today.month // 12, today.month % 12 + 1, 1),
        may_adopt=request.user.me is not None and "steward" in request.user.me.roles,
    )


async def _book(request: WebRequest) -> int:
    book_id = await book_of_person(actor(request))
    if book_id is None:
        raise NoBookHere()
    return book_id
