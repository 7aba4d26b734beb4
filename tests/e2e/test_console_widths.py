# SPDX-License-Identifier: Apache-2.0
"""The console as wide as a telephone and as wide as a desk, with names as long as those of real agencies."""

from dataclasses import replace

import pytest

from giamsat_collector.alerts import ledger as moves
from giamsat_collector.alerts.lifecycle import Action, Request
from giamsat_collector.enrol import tokens
from giamsat_collector.incidents import ledger as incidents
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Placement, System, Unit, UnitKind
from giamsat_collector.suppressing import ledger
from giamsat_collector.suppressing.record import Record
from support.console import PASSWORD, SECOND
from support.incidents import INCIDENT

pytestmark = pytest.mark.peer("chromium")
LONG = "Trung tâm Phục vụ hành chính công và Kiểm soát thủ tục hành chính xã Nghĩa Hành Thượng"
HOUR = 3_600 * SECOND


def filled(console):
    """A token and a suppression that wait for somebody, of a system and a unit with long names."""
    now = console.clock.wall_ns()
    given = {"unit": "40.412", "system": "S-A1", "uses": 2, "lifetime_ns": HOUR, "root_pin": bytes(32), "by": "an"}
    fields = {"source.ip": "2001:db8:1234:5678:9abc:def0:1234:5678", "giamsat.unit": "40.412"}
    hides = Record(0, ("ssh_brute_force",), fields, LONG, "1234/QĐ-UBND", "an", now, now, now + HOUR)

    def work(connection):
        rows.put_units(connection, [Unit("40.412", LONG, UnitKind.COMMUNE)])
        rows.put_systems(connection, [System("S-A1", f"Quản lý văn bản của {LONG}", "40.412", 4)])
        networks = ("10.40.0.0/16", "2001:db8:1234:5678::/64")
        tokens.issue(connection, **given, now_ns=now, networks=networks, two_persons=True)
        ledger.propose(connection, hides, now)
        console.registry.load(connection)

    console.store.now(work)


def test_on_a_telephone_the_pages_stand_in_one_line_reached_by_keyboard_with_ones_own_in_sight(console, visit):
    console.has_user()
    tab = visit(viewport={"width": 390, "height": 800})
    tab.log_in(PASSWORD)
    page = tab.open("/suppressions")
    links = page.locator(".bar > nav a")
    tops = {round(one.bounding_box()["y"]) for one in links.all()}
    own = page.locator(".bar > nav a[aria-current]").bounding_box()

    assert len(tops) == 1
    assert own["x"] >= 0
    assert own["x"] + own["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    links.first.focus()
    for _ in range(links.count() - 1):
        page.keyboard.press("Tab")
    reached = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
    assert page.evaluate("document.activeElement.pathname") == "/suppressions"
    assert 0 <= reached["left"] < reached["right"] <= 390


def test_on_a_telephone_the_queue_says_what_happened_without_being_moved_aside(console, visit):
    console.has_user()
    console.place()
    console.raise_alert()
    tab = visit(viewport={"width": 390, "height": 800})
    tab.log_in(PASSWORD)

    title = tab.open("/alerts").locator(".queue tbody th").bounding_box()

    assert title["width"] >= 150
    assert title["x"] + title["width"] <= 390


@pytest.mark.parametrize("address", ["/tokens", "/suppressions"])
def test_on_a_desk_what_can_be_done_is_in_sight_however_long_the_names_are(console, visit, address):
    console.has_user()
    filled(console)
    tab = visit(viewport={"width": 1280, "height": 800})
    tab.log_in(PASSWORD)
    page = tab.open(address)

    agree = page.get_by_role("button", name="Đồng ý").bounding_box()
    assert agree["x"] + agree["width"] <= 1280
    assert page.evaluate(
        "document.querySelector('.scroll').scrollWidth <= document.querySelector('.scroll').clientWidth"
    )


def test_what_somebody_called_something_without_a_space_moves_nothing_out_of_sight(console, visit):
    console.has_user()
    console.place()
    word = "<b>" + "W" * 200
    alert = console.raise_alert(title_vi=word)
    console.raise_alert(rule="other", title_vi=word)
    said = Request(Action.ASSIGN, word[:64], owner=word[:64], note=word)
    console.store.now(lambda connection: moves.move(connection, alert.id, said, console.clock.wall_ns()))
    told = replace(INCIDENT, title=word, owner=word[:64], cause=word, detected_why=word, serious=True)
    console.store.now(lambda connection: incidents.opened(connection, told, [alert.id], word))
    called = replace(told, told_by=word, unit="40.412")
    console.store.now(lambda connection: incidents.opened(connection, called, [], word))
    tab = visit(viewport={"width": 390, "height": 800})
    tab.log_in(PASSWORD)

    pages = ("/alerts", f"/alerts/{alert.id}", f"/alerts/{alert.id}/around", "/handover")
    of_incidents = ("/incidents", "/incidents/1", "/incidents/2", f"/incidents/new?alerts={alert.id}", "/incidents/new")
    for address in (*pages, *of_incidents):
        page = tab.open(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    page = tab.open("/alerts")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.evaluate("document.querySelector('.scroll').scrollWidth") <= 1280


@pytest.mark.parametrize("width", [1280, 360])
def test_the_bar_is_as_high_before_it_is_known_whether_news_arrive_as_it_is_afterwards(console, visit, width):
    console.has_user()
    page = visit(viewport={"width": width, "height": 800}).log_in(PASSWORD)
    height = "state => { const { dataset } = document.getElementById('live'); dataset.live = state; "
    height += "if (!state) delete dataset.live; return document.querySelector('.bar').offsetHeight; }"

    assert page.evaluate(height, "") == page.evaluate(height, "on")


@pytest.mark.parametrize("address", ["/flows", "/indicators"])
def test_the_example_in_a_field_can_be_read_whole(console, visit, address):
    console.has_user()
    tab = visit(viewport={"width": 1280, "height": 800})
    tab.log_in(PASSWORD)
    page = tab.open(address)
    fits = "field => { field.value = field.placeholder; return field.scrollWidth <= field.clientWidth; }"

    assert page.locator("#search").evaluate(fits)


def test_an_ipv4_address_stands_in_one_line_beside_long_names(console, visit):
    console.has_user()
    place = Placement("A1", "srv-401.40.428.17752", "40.412", LONG, "S-A1", 3)
    console.raise_alert(title_vi=LONG, source="203.113.113.201", count=40_213, placement=place)
    page = visit(viewport={"width": 1280, "height": 800}).log_in(PASSWORD)
    lines = "cell => { const range = document.createRange(); range.selectNodeContents(cell); "
    lines += "return new Set([...range.getClientRects()].map(one => one.top)).size; }"

    assert page.locator("td.source bdi").evaluate(lines) == 1
