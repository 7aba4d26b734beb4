# SPDX-License-Identifier: Apache-2.0
"""The console as an analyst has it: a real browser, real TLS. What a browser must not do fails each test."""

import re

import pytest
from playwright.sync_api import expect

from giamsat_collector.console.host import HostStatus
from giamsat_rules.verdict import Subject
from support.console import PASSWORD, SECOND
from support.console_server import focused, live

pytestmark = pytest.mark.peer("chromium")
HOSTILE = "<img src=x onerror=alert(1)>'\"</script><script>alert(2)</script>{{7*7}}"


def test_the_first_login_leads_through_a_password_to_the_queue(console, visit):
    console.raise_alert()
    secret = console.first_login_secret()
    tab = visit()
    page = tab.open("/hosts")
    page.fill("[name=name]", "admin")
    page.fill("[name=password]", secret)
    page.click("main button")

    expect(page.get_by_role("heading", name="Chọn mật khẩu")).to_be_visible()
    page.fill("[name=current]", secret)
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.click("main button")
    expect(page.get_by_role("link", name="Dò mật khẩu SSH")).to_be_visible()
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    tab.open("/alerts")
    assert "/login?next=%2Falerts" in page.url


def test_an_alert_is_acknowledged_assigned_and_closed_by_keys_alone(console, visit):
    console.has_user()
    alert, _ = console.raise_alerts(2)
    page = visit().log_in(PASSWORD)
    live(page)
    row = page.locator(f"#alert-{alert.id}")

    page.keyboard.press("KeyJ")
    focused(page, "c0")
    page.keyboard.press("Digit1")
    expect(row).to_contain_text("đã tiếp nhận")
    focused(page, "c0")
    page.keyboard.press("Digit2")
    page.locator("#assign [name=owner]").fill("bình")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("bình")
    focused(page, "c0")
    page.keyboard.press("Digit3")
    page.keyboard.type("khách quen nhập sai, 123 j k")
    page.get_by_role("button", name="Báo động giả").click()
    expect(row).to_have_count(0)
    assert console.alert(alert.id).state == "false_positive"
    focused(page, "c1")  # the row that took its place is next


def said(page, text):
    """The page of an alert says so; it was loaded anew, and its script listens when it is there as a whole."""
    expect(page.locator("#facts")).to_contain_text(text)
    page.wait_for_load_state()


def test_the_page_of_an_alert_has_the_same_keys(console, visit):
    console.has_user()
    alert = console.raise_alert()
    tab = visit()
    page = tab.log_in(PASSWORD)
    page.goto(f"{tab.url}/alerts?state=open&priority=2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#moves")).to_be_visible()
    page.wait_for_load_state()  # its script listens from then on
    page.keyboard.press("Digit1")
    said(page, "đã tiếp nhận")

    page.keyboard.press("Digit2")
    page.keyboard.type("bình")
    page.keyboard.press("Enter")
    said(page, "đã giao")
    page.keyboard.press("Digit3")
    page.keyboard.type("xong")
    page.keyboard.press("Escape")
    page.keyboard.press("Digit3")
    page.keyboard.press("Enter")
    said(page, "đã xử lý")
    assert console.alert(alert.id).state == "resolved"
    page.keyboard.press("Escape")
    page.wait_for_url("**/alerts?state=open&priority=2")


def test_closing_without_a_reason_is_stopped_in_the_page(console, visit):
    console.has_user()
    alert = console.raise_alert()
    tab = visit()
    tab.log_in(PASSWORD)
    page = tab.open(f"/alerts/{alert.id}")
    page.get_by_role("button", name="Đã xử lý").click()

    assert page.evaluate("document.getElementById('note').validity.valueMissing")
    assert console.alert(alert.id).state == "new"


def test_a_change_arrives_by_itself_and_takes_neither_focus_nor_place(console, server, visit):
    console.has_user()
    console.raise_alerts(3)
    page = visit().log_in(PASSWORD)
    live(page)
    page.keyboard.press("KeyJ")
    page.keyboard.press("KeyJ")

    console.clock.advance(SECOND)
    console.raise_alert(rule="r1", change="continued", count=41)
    console.raise_alert(rule="urgent", title_vi="khẩn", severity="critical")
    server.publish()

    expect(page.locator("tbody tr").nth(1)).to_contain_text("42")
    expect(page.locator("#news")).to_contain_text("1 cảnh báo mới")
    focused(page, "c1")
    assert page.locator("tbody tr").count() == 3
    page.locator("#news a").click()
    expect(page.locator("tbody tr").first).to_contain_text("khẩn")


def test_evidence_that_was_opened_stays_open_when_the_alert_changes(console, server, visit):
    console.has_user()
    alert = console.raise_alert(evidence=({"event.original": "raw", "user.name": "root"},))
    tab = visit()
    tab.log_in(PASSWORD)
    page = tab.open(f"/alerts/{alert.id}")
    live(page)
    page.locator("#fields-1 summary").click()
    page.fill("#note", "đang viết dở")
    console.raise_alert(change="continued", count=6)
    server.publish()

    expect(page.locator(".card")).to_contain_text("7")
    expect(page.locator("#fields-1")).to_contain_text("root")
    assert page.locator("#fields-1").get_attribute("open") is not None
    assert page.input_value("#note") == "đang viết dở"


def test_keys_are_text_while_somebody_writes_and_can_be_switched_off(console, visit):
    console.has_user()
    alert = console.raise_alert()
    tab = visit()
    page = tab.log_in(PASSWORD)
    page.keyboard.press("Slash")
    page.keyboard.type("1j?")
    assert page.input_value("#search") == "1j?"

    tab.open("/alerts")
    page.keyboard.press("Shift+Slash")
    expect(page.locator("#keys")).to_be_visible()
    page.uncheck("#keys-on")
    page.keyboard.press("Escape")
    page.keyboard.press("KeyJ")
    page.keyboard.press("Digit1")
    assert console.alert(alert.id).state == "new"


def test_letters_of_a_vietnamese_input_method_are_not_taken_for_keys(console, visit):
    console.has_user()
    alert = console.raise_alert()
    page = visit().log_in(PASSWORD)
    page.keyboard.press("KeyJ")
    composed = "new KeyboardEvent('keydown', {code: 'Digit1', isComposing: true, bubbles: true})"
    page.evaluate(f"document.activeElement.dispatchEvent({composed})")

    focused(page, "Dò mật khẩu SSH")
    assert console.alert(alert.id).state == "new"


@pytest.mark.parametrize("path", ["/alerts", "/alerts/{id}", "/hosts"])
def test_hostile_text_is_shown_and_never_run(console, visit, path):
    console.has_user()
    fields = {"event.original": HOSTILE, "user.name": HOSTILE, "source.ip": HOSTILE}
    alert = console.raise_alert(
        rule=HOSTILE, title_vi=HOSTILE, source=HOSTILE, evidence=(fields,), subject=Subject(HOSTILE, None)
    )
    console.hosts.known = [HostStatus(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, None, HOSTILE, 1, left=HOSTILE)]
    tab = visit()
    tab.log_in(PASSWORD)
    page = tab.open(path.format(id=alert.id))

    expect(page.locator("main")).to_contain_text(HOSTILE)
    assert page.locator("main img").count() == 0
    if "{id}" in path:
        assert page.locator(".event pre").inner_text() == HOSTILE


def test_the_whole_console_speaks_english_to_who_reads_english(console, visit):
    console.has_user()
    alert = console.raise_alert()
    tab = visit(locale="en-GB")
    tab.log_in(PASSWORD)
    vietnamese = re.compile("[À-ÖØ-öø-ỹ]")

    for path in ("/alerts", f"/alerts/{alert.id}", "/hosts", "/coverage", "/password", "/nope"):
        text = tab.open(path).locator("body").inner_text()
        for name in ("Tiếng Việt", "Đơn vị 40.412", "máy-chủ-1", "Hệ thống A1"):
            text = text.replace(name, "")
        assert not vietnamese.search(text), path
    tab.page.get_by_role("link", name="Tiếng Việt").click()
    expect(tab.page.locator("html")).to_have_attribute("lang", "vi")


def test_everything_can_be_read_and_done_without_scripts(console, visit):
    console.has_user()
    alert = console.raise_alert()
    page = visit(java_script_enabled=False).log_in(PASSWORD)
    page.get_by_role("link", name="Dò mật khẩu SSH").click()
    page.get_by_role("button", name="Tiếp nhận").click()

    expect(page.locator("#facts")).to_contain_text("đã tiếp nhận")
    assert console.alert(alert.id).owner == "admin"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_at_twice_the_size_nothing_is_lost_sideways(console, visit, scheme):
    console.has_user()
    alert = console.raise_alert(evidence=({"event.original": "x" * 4_000},))
    tab = visit(viewport={"width": 640, "height": 450}, color_scheme=scheme)
    tab.log_in(PASSWORD)

    for path in ("/alerts", f"/alerts/{alert.id}", "/hosts"):
        page = tab.open(path)

        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
        assert dark == (scheme == "dark")


def test_every_field_and_button_has_a_name(console, visit):
    console.has_user()
    alert = console.raise_alert()
    tab = visit()
    tab.log_in(PASSWORD)

    for path in ("/alerts", f"/alerts/{alert.id}", "/hosts", "/coverage", "/password"):
        page = tab.open(path)
        nameless = page.evaluate(
            """() => [...document.querySelectorAll("button, a, select, textarea, input:not([type=hidden])")]
                .filter(one => !one.hidden && !one.labels?.length && !one.ariaLabel && !one.textContent.trim())
                .map(one => one.outerHTML)"""
        )

        assert nameless == []
        assert page.locator("h1").count() == 1
