# SPDX-License-Identifier: Apache-2.0
import pytest

from support.console import Console


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    console.place("A1", level=3)
    yield console
    console.close()


def form(**words):
    return {"place": "asset", "field0": "1", "expires": "7d", "action": "hide", **words}


async def test_an_alerts_page_leads_to_a_form_that_is_filled_in_and_says_what_it_would_have_hidden(console):
    alert = console.raise_alert()
    client = await console.logged_in()
    page = await client.get(f"/alerts/{alert.id}")
    assert f'href="/alerts/{alert.id}/hide"' in page.text

    hide = await client.get(f"/alerts/{alert.id}/hide")

    assert "source.ip = 192.0.2.7" in hide.text
    assert "sẽ không có 1 trong 1 cảnh báo" in hide.text
    assert "chỉ máy này: máy-chủ-1" in hide.text
    assert "cả hệ thống: Hệ thống A1" in hide.text


async def test_other_choices_are_previewed_and_nothing_is_hidden_by_that(console):
    alert = console.raise_alert()
    client = await console.logged_in()

    preview = await client.act(f"/alerts/{alert.id}/hide", form(place="unit", action="preview", reason="<i>vì</i>"))

    assert preview.status == 200
    assert '<option value="unit" selected>' in preview.text
    assert 'value="&lt;i&gt;vì&lt;/i&gt;"' in preview.text
    assert console.suppressions.every == ()


async def test_hiding_is_proposed_in_the_name_of_the_visitor_for_what_was_ticked(console):
    alert = console.raise_alert()
    client = await console.logged_in()

    done = await client.act(f"/alerts/{alert.id}/hide", form(place="system", reason="máy quét", document="12/QĐ"))

    assert (done.status, done.header("location")) == (303, "/suppressions")
    assert console.told[-1] == ("collector-administered", {"giamsat.command": "suppress.add", "user.name": "admin"})
    (one,) = console.suppressions.every
    assert one.rules == frozenset({"ssh_brute_force"})
    listed = (await client.get("/suppressions")).text
    assert "máy quét" in listed
    assert "192.0.2.7" in listed
    assert "<bdi>Hệ thống A1</bdi>" in listed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "Không thực hiện được: việc tạm ẩn phải có lý do và số văn bản"),
        ({"reason": "a", "document": "b", "expires": "400d"}, "nhiều nhất 90 ngày"),
        ({"reason": "a", "document": "b", "place": "province"}, "không có phạm vi “province”; hãy chọn máy"),
    ],
)
async def test_what_cannot_be_is_said_and_what_was_written_stays(console, words, said):
    alert = console.raise_alert()

    answer = await (await console.logged_in()).act(f"/alerts/{alert.id}/hide", form(**words))

    assert answer.status == 400
    assert said in answer.text
    assert console.suppressions.every == ()


async def test_only_values_of_the_alert_can_be_ticked_and_only_by_a_form_of_the_session(console):
    alert = console.raise_alert()
    client = await console.logged_in()

    forged = await client.post(f"/alerts/{alert.id}/hide", form(csrf="x"))
    await client.act(f"/alerts/{alert.id}/hide", form(field7="1", reason="a", document="b"))

    assert forged.status == 403
    assert len(console.suppressions.every) == 1
    assert (await client.get("/alerts/feed/hide")).status == 404


async def test_from_level_4_on_the_form_says_that_a_second_person_is_needed(console):
    console.place("A4", level=5)
    alert = console.raise_alert(placement=console.registry.placement("A4"))

    page = await (await console.logged_in()).get(f"/alerts/{alert.id}/hide")

    assert "cho tới khi người thứ hai đồng ý" in page.text


async def test_a_stranger_who_calls_himself_everybody_has_only_himself_hidden(console):
    console.raise_alert(group={"user.name": "*"}, evidence=({"user.name": "*"},))
    alert = console.raise_alert(group={"user.name": "root"}, evidence=({"user.name": "root"},))
    client = await console.logged_in()

    page = await client.get(f"/alerts/{alert.id}/hide")

    assert "sẽ không có 0 trong 1 cảnh báo" in page.text
    assert "Thêm 1 cảnh báo sẽ bớt một phần" in page.text
