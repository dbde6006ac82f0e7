"""Staff's pages about people."""

import re

import pytest

from points.community.grants import active_grants, proposals_for
from points.community.guardians import guardians_of
from points.community.profiles import find_by_phone_or_card, my_details
from points.community.reads import reads_of
from tests.web.conftest import Browser, Site, said
from web import clock
from web.invitations import qr_image

pytestmark = pytest.mark.anyio
TODAY = clock.today("Asia/Shanghai")


@pytest.fixture
async def steward(site: Site) -> Browser:
    return await site.signed_in(site.cast.chen_jing)


async def test_people_are_found_by_name_and_number_in_ones_own_area(site: Site, steward: Browser):
    everybody = said(await steward.get("/people"))
    assert "张伟" in everybody
    assert "吴迪" not in everybody, "he lives in the other committee"
    found = said(await steward.get("/people?q=秀"))
    assert "金秀珍" in found
    assert "卢秀英" in found
    assert "张伟" not in found
    assert "张伟" in said(await steward.get("/people?q=138 0000 0006"))
    assert "13800000006" not in (await steward.get("/people?q=张伟")).text


async def test_another_area_is_refused(site: Site, steward: Browser):
    assert (await steward.get(f"/people?area={site.cast.other_committee}")).status_code == 403
    assert (await steward.get(f"/people/{site.cast.wu_di}")).status_code == 403
    assert (await steward.get("/people?area=987654")).status_code == 404
    answer = await steward.post("/people", area_id=site.cast.other_stairwell, name="孙丽")
    assert answer.status_code == 403


async def test_a_person_is_enrolled_with_what_is_known(site: Site, steward: Browser):
    assert (await steward.get(f"/people/new?area={site.cast.building_1}")).status_code == 200
    answer = await steward.post(
        "/people",
        area_id=site.cast.stairwell_12,
        name="孙丽",
        phone="139-0000-0001",
        birth_date="1950/3/8",
        household_door="101室",
        elder_mode="yes",
    )
    assert "孙丽" in said(await steward.follow(answer))
    person_id = await find_by_phone_or_card("13900000001")
    assert person_id is not None
    assert (await my_details(person_id)).person.elder_mode


async def test_a_phone_that_is_taken_is_said_beside_the_field(site: Site, steward: Browser):
    answer = await steward.post(
        "/people", area_id=site.cast.stairwell_12, name="孙丽", phone="13800000006"
    )
    assert answer.status_code == 409
    assert 'id="field-phone-error"' in answer.text


async def test_details_are_corrected_and_the_hidden_phone_stays(site: Site, steward: Browser):
    person_id = site.cast.zhang_wei
    assert (await steward.get(f"/people/{person_id}/edit")).status_code == 200
    answer = await steward.post(f"/people/{person_id}/edit", name="张维", card_no="ZW0001")
    assert answer.status_code == 303
    details = await my_details(person_id)
    assert (details.person.name, details.person.card_no) == ("张维", "ZW0001")
    assert details.phone == "13800000006"


async def test_opening_a_person_is_written_down(site: Site, steward: Browser):
    await steward.get(f"/people/{site.cast.zhang_wei}")
    assert any(one.actor_name == "陈静" for one in await reads_of(site.cast.zhang_wei))


async def test_an_invitation_is_printed_once(site: Site, steward: Browser):
    form = {"request_id": "one-invitation"}
    answer = await steward.post(f"/people/{site.cast.he_min}/invitation", **form)
    first = await steward.follow(answer)
    code = first.text.split("<dd>")[2].partition("</dd>")[0]
    assert re.fullmatch(r"[A-Z2-9-]{8,}", code)
    assert "data:image/svg+xml" in first.text
    again = await steward.post(f"/people/{site.cast.he_min}/invitation", **form)
    assert again.headers["location"] == answer.headers["location"]
    steward.client.cookies.delete("linli-once")
    later = await steward.follow(again)
    assert code not in later.text
    assert later.status_code == 200


async def test_somebody_with_a_password_needs_no_invitation(site: Site, steward: Browser):
    await site.signed_in(site.cast.zhang_wei)
    answer = await steward.post(f"/people/{site.cast.zhang_wei}/invitation")
    assert answer.status_code == 409
    assert said(answer)


async def test_a_role_is_proposed_by_one_and_approved_by_another(site: Site, steward: Browser):
    person_id = site.cast.zhang_wei
    assert (await steward.get(f"/people/{person_id}/roles/new")).status_code == 200
    answer = await steward.post(
        f"/people/{person_id}/roles",
        role="organizer",
        area_id=site.cast.committee,
        starts_on=TODAY.isoformat(),
    )
    assert answer.status_code == 303
    [waiting] = await proposals_for(actor_id=site.cast.li_guoqiang, today=TODAY)
    alone = await steward.post(f"/grants/{waiting.grant.id}/approve")
    assert alone.status_code == 403
    second = await site.signed_in(site.cast.li_guoqiang)
    assert "张伟" in said(await second.get("/approvals"))
    assert (await second.post(f"/grants/{waiting.grant.id}/approve")).status_code == 303
    assert "organizer" in {one.role for one in await active_grants(person_id, TODAY)}
    twice = await second.post(f"/grants/{waiting.grant.id}/approve")
    assert twice.status_code == 409


async def test_a_wrong_term_or_role_is_shown_in_the_form(site: Site, steward: Browser):
    path = f"/people/{site.cast.zhang_wei}/roles"
    form = {"role": "organizer", "area_id": site.cast.committee, "starts_on": "2020-01-01"}
    assert (await steward.post(path, **form)).status_code == 422
    unknown = await steward.post(path, **{**form, "role": "king", "starts_on": TODAY.isoformat()})
    assert unknown.status_code == 422
    assert 'id="field-role-error"' in unknown.text


async def test_ones_own_role_can_be_laid_down(site: Site):
    browser = await site.signed_in(site.cast.lu_xiuying)
    [grant] = await active_grants(site.cast.lu_xiuying, TODAY)
    assert (await browser.post(f"/grants/{grant.id}/revoke")).status_code == 303
    assert (await browser.get("/people")).status_code == 403


async def test_a_reset_by_one_person_alone_fails(site: Site, steward: Browser):
    await site.signed_in(site.cast.zhang_wei)
    page = await steward.follow(await steward.post(f"/people/{site.cast.zhang_wei}/reset"))
    code = page.text.split("<dd>")[2].partition("</dd>")[0]
    assert (await steward.get("/approvals")).status_code == 200
    early = await site.browser().post("/reset", code=code, password="三棵树下一只狗")
    assert early.status_code in {409, 422}
    second = await site.signed_in(site.cast.zhou_jianguo)
    listed = (await second.get("/approvals")).text
    number = re.search(r"/codes/(\d+)/approve", listed)
    assert number
    assert (await steward.post(f"/codes/{number[1]}/approve")).status_code == 403
    assert (await second.post(f"/codes/{number[1]}/refuse")).status_code == 303
    late = await site.browser().post("/reset", code=code, password="三棵树下有一只狗")
    assert late.status_code == 409


async def test_a_guardian_is_recorded_by_number(site: Site, steward: Browser):
    path = f"/people/{site.cast.he_xiaoyu}/guardians"
    assert (await steward.get(f"{path}/new")).status_code == 200
    nobody = await steward.post(path, guardian_id="13999999999")
    assert nobody.status_code == 422
    assert 'id="field-guardian_id-error"' in nobody.text
    assert (await steward.post(path, guardian_id="13800000006")).status_code == 303
    names = {one.name for one in await guardians_of(site.cast.he_xiaoyu, TODAY)}
    assert names == {"何敏", "张伟"}


def test_a_code_to_scan_is_an_image_in_the_page():
    image = qr_image("http://test.local/join?code=ABCD-EFGH")
    assert image.startswith("data:image/svg+xml")
