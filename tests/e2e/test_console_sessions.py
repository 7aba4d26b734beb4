# SPDX-License-Identifier: Apache-2.0
"""A session that ends, or goes on under another token, while pages of the console are open in a real browser."""

import pytest
from playwright.sync_api import expect

from giamsat_collector.console import sessions
from giamsat_collector.console.role import Role
from giamsat_collector.console.sessions import Lifetime
from support.console import PASSWORD, SECOND
from support.console_server import live

pytestmark = pytest.mark.peer("chromium")


def test_when_the_session_ends_an_open_page_leaves_by_itself(console, server, visit):
    console.has_user()
    console.raise_alert()
    page = visit().log_in(PASSWORD)
    live(page)
    console.clock.advance(16 * 60 * SECOND)
    server.publish()

    page.wait_for_url("**/login?next=**")
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()


def again(page, name):
    """Log in where a session that ended has led."""
    page.wait_for_url("**/login?next=**")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    expect(page.locator("#note")).to_be_visible()


def test_a_note_in_which_the_session_ended_waits_for_who_wrote_it_and_for_nobody_else(console, server, visit):
    console.has_user()
    console.has_user("binh", role=Role.ANALYST)
    alert = console.raise_alert()
    tab = visit()
    tab.log_in(PASSWORD)

    def left():
        page = tab.open(f"/alerts/{alert.id}")
        live(page)
        page.fill("#note", "đang viết dở")
        console.clock.advance(16 * 60 * SECOND)
        server.publish()
        return page

    page = left()
    again(page, "admin")
    expect(page.locator("#note")).to_have_value("đang viết dở")
    page = left()
    again(page, "binh")
    live(page)
    assert page.input_value("#note") == ""
    assert page.evaluate("sessionStorage.getItem('draft')") is None


def test_when_a_password_is_given_again_other_tabs_go_on_where_they_are(console, server, visit):
    console.has_user()
    alert = console.raise_alert()
    tab = visit()
    tab.log_in(PASSWORD)
    page = tab.open(f"/alerts/{alert.id}")
    live(page)
    page.fill("#note", "đang viết dở")
    other = page.context.new_page()
    other.goto("/sessions")
    console.clock.advance(301 * SECOND)
    console.store.now(
        lambda rows: sessions.begin(rows, "admin", "x", address="", lifetime=Lifetime(), now_ns=console.clock.wall_ns())
    )
    other.reload()
    other.locator("main button").click()
    other.fill("[name=password]", PASSWORD)
    before = page.context.cookies()
    other.locator("main button").first.click()
    expect(other.get_by_text("phiên này")).to_be_visible()

    assert page.context.cookies() != before
    console.raise_alert(change="continued", count=6)
    server.publish()
    expect(page.locator(".card")).to_contain_text("7")
    assert page.input_value("#note") == "đang viết dở"
    page.get_by_role("button", name="Tiếp nhận").click()
    expect(page.locator("#facts")).to_contain_text("đã tiếp nhận")
