# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from giamsat_collector.console.role import Role
from giamsat_collector.incidents import ledger, search
from support.console import PASSWORD, SECOND, Console
from support.reading import words

HOUR = 3600 * SECOND
SAID = {"title": "Cổng bị xâm nhập", "group": "intrusion", "serious": True}


@pytest.fixture
async def console():
    console = Console()
    console.has_user()
    console.place()
    console.alerts = console.raise_alerts(2)
    await console.services.incidents.open([one.id for one in console.alerts], SAID, "admin")
    yield console
    console.close()


def one(console):
    return console.store.now(lambda rows: search.whole(rows, 1))


async def test_the_page_says_what_is_owed_to_whom_by_which_law_and_what_was_done(console):
    page = await (await console.logged_in()).get("/incidents/1")

    assert "Sự cố số 1" in page.text
    assert "điểm d khoản 2 Điều 31 Nghị định số 331/2026/NĐ-CP" in page.text
    assert "còn 23 giờ" in page.text
    assert "2 cảnh báo" in page.text
    assert "Initial notice" in (await (await console.logged_in()).get("/incidents/1?lang=en")).text


async def test_each_report_that_is_owed_is_a_file_to_take_along(console):
    client = await console.logged_in()
    page = await client.get("/incidents/1")

    addresses = re.findall(r'href="(/incidents/1/report-[^"]+)"', page.text)
    answers = {address: await client.get(address) for address in addresses}

    assert sorted(addresses) == [
        f"/incidents/1/report-{report}.{format_}" for report in ("full", "initial") for format_ in ("docx", "json")
    ]
    assert {answer.status for answer in answers.values()} == {200}
    assert answers["/incidents/1/report-full.json"].json["incident"]["number"] == 1
    assert words(answers["/incidents/1/report-initial.docx"].body)
    assert (await client.get("/incidents/1/report-full.exe")).status == 400
    assert (await console.client().get(addresses[0])).status == 303


async def test_it_is_a_bundle_to_exchange_for_who_is_logged_in(console):
    client = await console.logged_in()
    assert 'href="/incidents/1/stix.json"' in (await client.get("/incidents/1")).text
    answer = await client.get("/incidents/1/stix.json")

    assert answer.header("content-type") == "application/stix+json;version=2.1"
    assert answer.json["type"] == "bundle"
    assert {"incident", "observed-data", "ipv4-addr"} <= {one["type"] for one in answer.json["objects"]}
    assert (await client.get("/incidents/2/stix.json")).status == 404
    assert (await console.client().get("/incidents/1/stix.json")).status == 303


async def test_a_report_is_recorded_and_the_next_one_is_offered(console):
    console.clock.advance(2 * HOUR)
    client = await console.logged_in()
    sent = {"action": "sent", "report": "initial", "document": "12/BC <b>", "revision": "0"}
    done = await client.act("/incidents/1", sent, "/incidents/1")
    page = await client.get("/incidents/1")

    assert done.status == 303
    assert "12/BC &lt;b&gt;" in page.text
    assert 'value="full" selected' in page.text
    assert [row.report.value for row in one(console).sent] == ["initial"]


@pytest.mark.parametrize(
    ("form", "changed"),
    [
        ({"action": "assess", "group": "dos", "interruption": "1", "note": "vì"}, {"interruption", "serious", "group"}),
        ({"action": "detected", "detected": "2023-11-14T01:00", "note": "vì"}, {"detected_ns"}),
        (
            {"action": "describe", "title": "Cổng", "owner": "binh", "cause": "lỗ hổng", "first_actions": "ngắt mạng"},
            {"title", "owner", "cause", "first_actions"},
        ),
    ],
)
async def test_each_form_changes_what_it_shows_and_nothing_else(console, form, changed):
    client = await console.logged_in()

    assert (await client.act("/incidents/1", {**form, "revision": "0"}, "/incidents/1")).status == 303
    assert set(one(console).history[-1].details) == changed
    assert (await client.get("/incidents/1")).status == 200


async def test_an_alert_that_does_not_belong_to_it_is_taken_out_and_a_report_withdrawn(console):
    console.clock.advance(HOUR)
    client = await console.logged_in()
    for revision, form in enumerate(
        (
            {"action": "remove", "alerts": console.alerts[1].id, "note": "khác"},
            {"action": "sent", "report": "full", "document": "12/BC"},
            {"action": "withdraw", "report": "full", "note": "ghi nhầm"},
        )
    ):
        assert (await client.act("/incidents/1", {**form, "revision": str(revision)})).status == 303

    assert [alert.id for alert in one(console).alerts] == [console.alerts[0].id]
    assert one(console).sent[0].withdrawn_ns is not None
    assert "rút ghi nhận đã gửi báo cáo" in (await client.get("/incidents/1")).text


@pytest.mark.parametrize(
    ("form", "status", "told"),
    [
        ({"action": "close", "note": "xong"}, 400, "reports are owed and not sent"),
        ({"action": "sent", "report": "full", "document": "12/BC", "at": "2199-01-01T00:00"}, 400, "not over yet"),
        ({"action": "explode"}, 400, "no such action"),
        ({"action": "change"}, 400, "no such action"),
        ({"action": "note", "note": " "}, 400, "needs a note"),
        ({"action": "note", "note": "giữ lại tôi", "revision": "5"}, 409, "giữ lại tôi"),
        ({"action": "note", "note": "x", "revision": "x"}, 400, "not a number"),
    ],
)
async def test_what_is_refused_changes_nothing_and_says_why(console, form, status, told):
    client = await console.logged_in()

    answer = await client.act("/incidents/1?lang=en", {"revision": "0", **form}, "/incidents/1")

    assert (answer.status, told in answer.text) == (status, True)
    assert len(one(console).history) == 1


async def test_what_moves_a_deadline_or_ends_it_takes_the_password_again_and_a_note_does_not(console):
    console.has_user("an", role=Role.ANALYST)
    client = await console.logged_in("an")
    console.clock.advance(301 * SECOND)
    for form in (
        {"action": "assess", "group": "dos", "note": "vì"},
        {"action": "detected", "detected": "2023-11-14T01:00", "note": "vì"},
        {"action": "sent", "report": "initial", "document": "12/BC"},
        {"action": "withdraw", "report": "initial", "note": "vì"},
        {"action": "close", "note": "vì"},
    ):
        answer = await client.act("/incidents/1", {**form, "revision": "0"})
        assert (answer.status, "Nhập lại mật khẩu" in answer.text) == (403, True), form["action"]
    assert (await client.act("/incidents/1", {"action": "note", "note": "vì", "revision": "0"})).status == 303
    sent = {"action": "sent", "report": "initial", "document": "12/BC", "revision": "1", "password": PASSWORD}
    assert (await client.act("/incidents/1", sent)).status == 303

    assert one(console).sent[0].actor == "an"


async def test_one_that_is_not_there_is_not_found(console):
    client = await console.logged_in()

    assert (await client.get("/incidents/2")).status == 404
    assert (await client.act("/incidents/2", {"action": "note", "note": "x"})).status == 404
    assert console.store.now(lambda rows: ledger.get(rows, 1)).revision == 0
