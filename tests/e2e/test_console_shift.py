# SPDX-License-Identifier: Apache-2.0
"""What a shift does with many alerts, in a real browser: choose several, go on to the next, copy evidence."""

import re

import pytest
from playwright.sync_api import expect

from support.console import PASSWORD, SECOND
from support.console_server import focused, live

pytestmark = pytest.mark.peer("chromium")


def test_several_alerts_are_chosen_and_closed_with_one_reason_by_keys_alone(console, server, visit):
    console.has_user()
    alerts = console.raise_alerts(3)
    page = visit().log_in(PASSWORD)
    live(page)
    expect(page.locator("#bulk")).to_be_hidden()
    for key in ("KeyJ", "KeyX", "KeyJ", "KeyX"):
        page.keyboard.press(key)
    console.raise_alert(rule="r2", change="continued", count=41)
    server.publish()
    expect(page.locator("tbody tr").nth(2)).to_contain_text("42")

    expect(page.locator("#chosen")).to_have_text("2")
    page.fill("#bulk-note", "Enter alone means nothing")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("Digit2")
    page.keyboard.type("bình")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã thực hiện với 2 cảnh báo.")).to_be_visible()
    assert [console.alert(one.id).owner for one in alerts] == ["bình", "bình", None]
    page.wait_for_load_state()  # its script takes ticks from then on
    page.locator("#tick-all").check()
    page.locator("tbody .tick input").nth(2).uncheck()
    page.keyboard.press("Digit3")
    page.keyboard.type("quét nội bộ")
    page.get_by_role("button", name="Báo động giả").first.click()
    expect(page.locator("tbody tr")).to_have_count(1)
    focused(page, "c2")
    assert [console.alert(one.id).state.value for one in alerts] == ["false_positive", "false_positive", "new"]


def test_an_alert_leads_to_the_next_and_its_evidence_is_copied(console, visit):
    console.has_user()
    console.raise_alerts(2)
    tab = visit(permissions=["clipboard-read", "clipboard-write"])
    page = tab.log_in(PASSWORD)
    page.keyboard.press("KeyJ")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("c0")
    expect(page.locator("#next")).to_be_visible()  # a script shows it: keys are listened to from then on
    page.keyboard.press("KeyJ")
    expect(page.locator("h1")).to_contain_text("c1")
    expect(page.locator("#previous")).to_be_visible()
    expect(page.locator("#next")).to_be_hidden()
    page.get_by_role("button", name="Sao chép").click()
    expect(page.locator("[data-copies]")).to_have_class(re.compile("done"))

    assert "source.ip: 192.0.2.7" in page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("KeyK")
    expect(page.locator("h1")).to_contain_text("c0")


def test_several_alerts_become_an_incident_whose_clock_runs_and_a_report_on_it_is_recorded(console, server, visit):
    console.has_user()
    console.raise_alerts(3)
    page = visit().log_in(PASSWORD)
    live(page)
    for at in (0, 1):
        page.locator("tbody .tick input").nth(at).check()
    page.get_by_role("button", name="Mở sự cố…").click()
    page.select_option("#new [name=group]", "intrusion")
    page.locator("#new [name=serious]").check()
    page.locator("#new button").click()
    expect(page.locator("#report-initial .due")).to_have_text("còn hạn · còn 23 giờ")
    console.clock.advance(60 * SECOND)
    page.fill("#sent [name=document]", "12/BC-STTTT")
    page.locator("#sent button").click()
    expect(page.locator("#report-initial .due.sent")).to_be_visible()
    expect(page.locator("#report-initial")).to_contain_text("12/BC-STTTT")
    live(page)
    console.clock.advance(600 * SECOND)
    server.publish()

    expect(page.locator("#report-full .due")).to_have_text("còn hạn · còn 2 ngày")
