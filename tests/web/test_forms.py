"""Forms: decoded, counted once, shown again with what was wrong."""

import datetime as dt
from contextlib import suppress
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from points.transactions import run
from tests.web.conftest import Site, said
from web.forms import (
    MISSING,
    NO_DATE,
    NO_NUMBER,
    NO_TIME,
    NOT_OFFERED,
    STRANGE,
    TOO_LARGE,
    TOO_LONG,
    TOO_SHORT,
    TOO_SMALL,
    FieldErrors,
    Form,
    Id,
    decode,
)

ID = {"request_id": ["0123456789"]}


class Sample(Form, frozen=True, kw_only=True):
    """One field of every kind."""

    name: Annotated[str, Meta(max_length=5)]
    count: Annotated[int, Meta(ge=1, le=10)] | None = None
    day: dt.date | None = None
    at: dt.time | None = None
    moment: dt.datetime | None = None
    yes: bool = False
    pick: Literal["a", "b"] | None = None
    ids: tuple[Id, ...] = ()


def decoded(**values: list[str]) -> Sample:
    return decode(Sample, {**ID, "name": ["何敏"], **values})


def complaints(**values: list[str]) -> dict[str, str]:
    with pytest.raises(FieldErrors) as wrong:
        decoded(**values)
    return {name: message for name, (message, _) in wrong.value.problems.items()}


def test_every_kind_of_field_is_read():
    form = decoded(
        count=["7"],
        day=["2026-11-22"],
        at=["9:30"],
        moment=["2026-11-22T14:00"],
        yes=["yes"],
        pick=["b"],
        ids=["1", "2"],
    )
    assert (form.count, form.day, form.at) == (7, dt.date(2026, 11, 22), dt.time(9, 30))
    assert form.moment == dt.datetime(2026, 11, 22, 14)  # noqa: DTZ001
    assert (form.yes, form.pick, form.ids) == (True, "b", (1, 2))


def test_full_width_digits_and_slashes_are_understood():
    assert decoded(count=["７"], day=["２０２６/1/2"]).day == dt.date(2026, 1, 2)


def test_what_is_left_empty_is_as_if_it_were_not_there():
    assert decoded(count=[""], day=[""], pick=[""], ids=[""]) == decoded()


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("name", "", MISSING),
        ("name", "一二三四五六", TOO_LONG),
        ("name", "a\x00b", STRANGE),
        ("count", "seven", NO_NUMBER),
        ("count", "1.5", NO_NUMBER),
        ("count", "1" * 40, NO_NUMBER),
        ("count", "0", TOO_SMALL),
        ("count", "11", TOO_LARGE),
        ("day", "2026-02-30", NO_DATE),
        ("day", "tomorrow", NO_DATE),
        ("at", "25:00", NO_TIME),
        ("moment", "soon", NO_TIME),
        ("pick", "c", NOT_OFFERED),
        ("ids", "0", TOO_SMALL),
        ("ids", "99999999999999999999", TOO_LARGE),
        ("request_id", "short", TOO_SHORT),
    ],
)
def test_each_kind_of_wrong_is_said(field: str, text: str, message: str):
    assert complaints(**{field: [text]}) == {field: message}


def test_everything_wrong_is_said_at_once():
    wrong = complaints(name=[""], count=["x"], day=["x"])
    assert set(wrong) == {"name", "count", "day"}


@given(st.dictionaries(st.sampled_from(Sample.__struct_fields__), st.lists(st.text(), max_size=3)))
def test_no_text_breaks_the_decoder(values: dict[str, list[str]]):
    with suppress(FieldErrors):
        decode(Sample, values)


pytest_async = pytest.mark.anyio
ENROL: dict[str, Any] = {"name": "孙丽", "phone": "13900000001", "request_id": "one-request"}


@pytest_async
async def test_the_same_form_sent_twice_counts_once_and_is_answered_alike(site: Site):
    steward = await site.signed_in(site.cast.chen_jing)
    form = {**ENROL, "area_id": site.cast.stairwell_11}
    first = await steward.post("/people", **form)
    again = await steward.post("/people", **form)
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    assert "孙丽" in said(await steward.follow(again))
    assert len(await run("SELECT id FROM person WHERE name = '孙丽'")) == 1


@pytest_async
async def test_another_body_under_the_same_request_is_refused(site: Site):
    steward = await site.signed_in(site.cast.chen_jing)
    form = {**ENROL, "area_id": site.cast.stairwell_11}
    await steward.post("/people", **form)
    other = await steward.post("/people", **{**form, "name": "孙美丽"})
    assert other.status_code == 409
    assert await run("SELECT id FROM person WHERE name = '孙美丽'") == []


@pytest_async
async def test_a_corrected_form_may_come_under_the_same_request(site: Site):
    steward = await site.signed_in(site.cast.chen_jing)
    form = {**ENROL, "area_id": site.cast.stairwell_11}
    refused = await steward.post("/people", **{**form, "phone": "13800000006"})
    assert refused.status_code == 409
    assert (await steward.post("/people", **form)).status_code == 303


@pytest_async
async def test_a_wrong_form_comes_back_with_what_was_typed_and_what_is_wrong(sqlite_site: Site):
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    answer = await steward.post(
        "/people", area_id=sqlite_site.cast.stairwell_11, name="孙丽", phone="123", birth_date="1.1"
    )
    assert answer.status_code == 422
    assert 'value="孙丽"' in answer.text
    assert 'value="123"' in answer.text
    assert 'id="field-birth_date-error"' in answer.text


@pytest_async
async def test_markup_in_a_name_is_only_a_name(site: Site):
    steward = await site.signed_in(site.cast.chen_jing)
    evil = "${alert(1)}</script><b>{{7*7}}{name}"
    answer = await steward.post("/people", area_id=site.cast.stairwell_11, name=evil)
    page = await steward.follow(answer)
    assert page.status_code == 200
    assert "</script><b>" not in page.text
    assert "${alert(1)}&lt;/script&gt;&lt;b&gt;{{7*7}}{name}" in page.text


@pytest_async
@pytest.mark.parametrize("name", ["长" * 81, "x" * 10_000, "a\x00b", " ", "\u202e"])
async def test_a_name_that_cannot_be_kept_is_refused(sqlite_site: Site, name: str):
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    answer = await steward.post("/people", area_id=sqlite_site.cast.stairwell_11, name=name)
    assert answer.status_code == 422


@pytest_async
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"name": "x"}'),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("application/x-www-form-urlencoded", b"name=%ff%fe"),
        ("application/x-www-form-urlencoded", b"\xff\xfe"),
        ("text/plain", b"hello"),
    ],
)
async def test_a_body_that_is_no_form_is_refused_in_words(
    sqlite_site: Site, kind: str, body: bytes
):
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    headers = {"content-type": kind, "x-csrftoken": await steward.token(), "accept": "text/html"}
    answer = await steward.client.post("/people", content=body, headers=headers)
    assert answer.status_code == 422
    assert said(answer)


@pytest_async
async def test_a_form_without_a_request_id_is_shown_again(sqlite_site: Site):
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    answer = await steward.post(
        "/people", area_id=sqlite_site.cast.stairwell_11, name="孙丽", request_id=""
    )
    assert answer.status_code == 422
    assert 'value="孙丽"' in answer.text
