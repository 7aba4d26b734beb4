# SPDX-License-Identifier: Apache-2.0
import html

import pytest

from giamsat_collector.alerts import evidence, ledger
from giamsat_collector.alerts.alert import Relation, State
from giamsat_collector.alerts.causes import Placing
from support.console import Console
from support.packets import capture
from support.packets import evidence as sent

HOSTILE = "<img src=x onerror=alert(1)>'\"{{7*7}}{%raw%}</script>&amp;"


@pytest.fixture
async def console():
    console = Console()
    console.has_user()
    console.place()
    yield console
    console.close()


@pytest.fixture
def alert(console):
    return console.raise_alert(count=23)


async def move(console, alert, page=None, **form):
    client = await console.logged_in()
    return await client.act(f"/alerts/{alert.id}/moves", form, page=page or "/alerts")


async def test_the_page_says_what_why_and_by_which_evidence(console, alert):
    page = await (await console.logged_in()).get(f"/alerts/{alert.id}")

    assert "Dò mật khẩu SSH trên máy-chủ-1 (Đơn vị 40.412): 23 lần từ 192.0.2.7." in page.text
    assert '<a href="/coverage/S-A1"><bdi>Hệ thống A1</bdi></a>' in page.text
    assert "ssh_failed_logins = 10" in page.text
    assert "Được xét theo ngưỡng của cấp 3." in page.text
    assert "Giữ 1 sự kiện đầu tiên trong 23." in page.text


async def test_to_acknowledge_is_to_own(console, alert):
    answer = await move(console, alert, action="acknowledge", revision="0")

    assert (answer.status, answer.header("location")) == (303, f"/alerts/{alert.id}")
    now = console.alert(alert.id)
    assert (now.state, now.owner) == (State.ACKNOWLEDGED, "admin")


async def test_every_open_page_hears_of_a_move(console, alert):
    await move(console, alert, action="acknowledge")

    assert console.news.edition == 1


async def test_who_did_what_and_why_is_kept_and_shown(console, alert):
    await move(console, alert, action="assign", owner="bình", note="ca tối")
    await move(console, alert, action="resolve", note="đã chặn")
    page = await (await console.logged_in()).get(f"/alerts/{alert.id}")

    for said in ("giao xử lý", "bình", "ca tối", "kết luận đã xử lý", "đã chặn"):
        assert said in page.text
    assert 'value="reopen"' in page.text
    assert 'value="acknowledge"' not in page.text


@pytest.mark.parametrize("action", ["resolve", "false_positive", "note"])
async def test_closing_needs_a_reason(console, alert, action):
    answer = await move(console, alert, action=action, note="   ")

    assert answer.status == 400
    assert "cần ghi lý do" in answer.text
    assert console.alert(alert.id).state is State.NEW


async def test_somebody_elses_change_is_shown_and_the_note_is_not_lost(console, alert):
    await move(console, alert, action="acknowledge", revision="0")

    answer = await move(console, alert, action="resolve", revision="0", note="đã xử lý tại chỗ")

    assert answer.status == 409
    assert "người khác đã thay đổi cảnh báo này" in answer.text
    assert "đã xử lý tại chỗ</textarea>" in answer.text
    assert console.alert(alert.id).state is State.ACKNOWLEDGED


async def test_one_more_event_contradicts_nobody(console, alert):
    console.raise_alert(change="continued", count=5)

    assert (await move(console, alert, action="acknowledge", revision="0")).status == 303
    assert console.alert(alert.id).count == 28


@pytest.mark.parametrize(
    "form",
    [
        {"action": "explode"},
        {"action": "assign", "owner": ""},
        {"action": "assign", "owner": "x" * 65},
        {"action": "note", "note": "x" * 4_001},
        {"action": "acknowledge", "revision": "x"},
        {"action": "reopen", "note": "x"},
        {},
    ],
)
async def test_what_is_not_possible_changes_nothing(console, alert, form):
    answer = await move(console, alert, **form)

    assert answer.status == 400
    assert console.alert(alert.id) == alert


async def test_after_a_move_the_list_it_came_from_is_shown_again_and_no_other_site(console, alert):
    here = await move(console, alert, action="acknowledge", next="/alerts?state=new")
    there = await move(console, alert, action="note", note="x", next="https://evil.test/")

    assert here.header("location") == "/alerts?state=new"
    assert there.header("location") == "/alerts"


async def test_hostile_text_in_every_field_is_shown_as_it_is(console):
    fields = {"event.original": HOSTILE, "user.name": HOSTILE, HOSTILE: HOSTILE, "source.ip": HOSTILE}
    alert = console.raise_alert(
        rule=HOSTILE,
        title_vi=HOSTILE,
        source=HOSTILE,
        techniques=(HOSTILE,),
        profile=HOSTILE,
        threshold={HOSTILE: 1.0},
        evidence=(fields,),
    )
    await move(console, alert, action="assign", owner=HOSTILE, note=HOSTILE)
    client = await console.logged_in()

    for path in (f"/alerts/{alert.id}", "/alerts"):
        page = await client.get(path)

        assert HOSTILE in html.unescape(page.text)
        assert "<img src=x" not in page.text


async def test_control_characters_are_made_visible(console):
    alert = console.raise_alert(evidence=({"event.original": "a\x1b[31m\u202eb\x00"},))
    page = await (await console.logged_in()).get(f"/alerts/{alert.id}")

    assert "a\\x1b[31m\\u202eb\\x00" in page.text
    assert "\u202e" not in page.text


class TestPackets:
    @pytest.fixture
    def named(self, console):
        """An alert whose event names a capture that has come, with a hostile line about it."""
        event, name = sent(capture(b"a frame"), HOSTILE)
        console.store.now(lambda rows: evidence.keep(rows, "A1", evidence.carried(event), 1))
        return console.raise_alert(evidence=({"giamsat.evidence.id": name},))

    async def test_the_page_shows_them_harmlessly_and_offers_them_as_a_file(self, console, named):
        client = await console.logged_in()
        page = await client.get(f"/alerts/{named.id}")

        assert "1 gói tin mà bộ phát hiện đã thấy." in page.text
        assert html.escape(HOSTILE, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page.text
        assert f'href="/alerts/{named.id}/packets-1.pcap"' in page.text
        file = await client.get(f"/alerts/{named.id}/packets-1.pcap")
        assert (file.status, file.body) == (200, capture(b"a frame"))
        assert file.header("content-type") == "application/vnd.tcpdump.pcap"
        assert file.header("content-disposition") == f'attachment; filename="giamsat-{named.id}.pcap"'
        assert file.header("x-content-type-options") == "nosniff"

    async def test_nobody_gets_the_file_without_a_session(self, console, named):
        answer = await console.client().get(f"/alerts/{named.id}/packets-1.pcap")

        assert answer.status in {303, 401}
        assert b"a frame" not in answer.body

    @pytest.mark.parametrize("name", ["packets-101.pcap", "packets-x.pcap"])
    async def test_a_file_that_is_not_there_is_refused(self, console, named, name):
        answer = await (await console.logged_in()).get(f"/alerts/{named.id}/{name}")

        assert 400 <= answer.status < 500


async def test_one_attack_is_one_row_that_says_how_many_more_tell_of_it_and_why_they_are_not_there(console, alert):
    behind = [console.raise_alert(rule=f"r{number}") for number in range(2)]
    now = console.clock.wall_ns()
    for one in behind:
        same = Placing(one.id, alert.id, relation=Relation.SAME)
        console.store.now(lambda rows, same=same: ledger.place(rows, same, now))
    client = await console.logged_in()

    queue = await client.get("/alerts")
    assert (f"alert-{alert.id}" in queue.text, f"alert-{behind[0].id}" in queue.text) == (True, False)
    assert (
        f'href="/alerts?state=&amp;cause={alert.id}" title="Cảnh báo khác mà cảnh báo này đại diện">+2</a>'
        in queue.text
    )
    assert "Cùng vụ 2" in queue.text
    listed = (await client.get("/api/v1/alerts?state=open")).json["alerts"]
    assert [(one["id"], one["stands_for"]) for one in listed] == [(alert.id, 2)]
    of_one = (await client.get(f"/alerts/{behind[0].id}")).text
    assert '<a href="/alerts?state=&amp;text=192.0.2.7"' in of_one
    assert "nói về cùng một vụ (source.ip 192.0.2.7, cùng máy) nên không vào hàng đợi" in of_one
    assert f'id="cause" href="/alerts/{alert.id}"' in of_one
    assert (await client.get(f"/api/v1/alerts/{behind[0].id}")).json["because"] == ["source.ip 192.0.2.7"]
    await client.act(f"/alerts/{alert.id}/moves", {"action": "resolve", "note": "đã khóa"}, page="/alerts")
    assert {console.alert(one.id).state for one in behind} == {State.RESOLVED}


async def test_a_consequence_names_its_cause_and_the_cause_what_stands_behind_it(console, alert):
    behind = [console.raise_alert(rule=f"r{number}", title_vi=f"im lặng {number}") for number in range(2)]
    now = console.clock.wall_ns()
    for one in behind:
        console.store.now(lambda rows, one=one: ledger.place(rows, Placing(one.id, alert.id, None), now))
    client = await console.logged_in()

    of_cause = await client.get(f"/alerts/{alert.id}")
    assert "2 cảnh báo là hệ quả của cảnh báo này; 2 chưa hết." in of_cause.text
    assert f"/alerts/{behind[0].id}" in of_cause.text
    of_one = await client.get(f"/alerts/{behind[0].id}")
    assert f'id="cause" href="/alerts/{alert.id}"' in of_one.text
    assert "xếp là hệ quả của cảnh báo" in of_one.text
    queue = await client.get("/alerts")
    assert (f"alert-{alert.id}" in queue.text, f"alert-{behind[0].id}" in queue.text) == (True, False)
    assert "Hệ quả 2" in queue.text
    apart = await client.get(f"/alerts?state=consequence&cause={alert.id}")
    assert [f"alert-{one.id}" in apart.text for one in (*behind, alert)] == [True, True, False]
    await client.act(f"/alerts/{behind[0].id}/moves", {"action": "acknowledge"}, page="/alerts")
    assert console.alert(behind[0].id).cause is None, "who takes it has it in the queue"
