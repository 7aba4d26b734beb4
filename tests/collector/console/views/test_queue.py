# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views import queue
from giamsat_collector.console.views.queue import AlertRow
from support.console import SECOND, Console


@pytest.fixture
def console():
    console = Console()
    console.place()
    yield console
    console.close()


def reader(console, code="vi"):
    return Reader(Languages().named(code), ZoneInfo("Asia/Ho_Chi_Minh"), console.clock.wall_ns())


def test_a_row_is_printed_in_the_readers_language(console):
    alert = console.raise_alert(count=1_234)
    console.clock.advance(300 * SECOND)
    row, english = (AlertRow.of(alert, console.registry, reader(console, code)) for code in ("vi", "en"))

    assert (row.title, row.age, row.level, row.state, row.count) == (
        "Dò mật khẩu SSH",
        "5 phút",
        "cấp 3",
        "mới",
        "1.234",
    )
    assert (english.title, english.age, english.count) == ("SSH password guessing", "5 minutes", "1,234")
    assert (row.host, row.unit, row.source) == ("máy-chủ-1", "Đơn vị 40.412", "192.0.2.7")


def test_a_row_offers_only_what_is_possible(console):
    row = AlertRow.of(console.raise_alert(), console.registry, reader(console))

    assert row.moves.split() == ["acknowledge", "assign", "resolve", "false_positive", "note"]


def test_a_host_nobody_registered_is_printed_by_its_id(console):
    alert = console.raise_alert()
    row = AlertRow.of(alert, Console().registry, reader(console))

    assert (row.host, row.unit) == ("A1", "40.412")


def test_the_tab_one_is_on_is_marked(console):
    tabs = queue.tabs([("state", "open"), ("owner", "an"), ("priority", "1")], "an", {"mine": 3}, reader(console))

    assert [tab.code for tab in tabs if tab.current] == ["mine"]
    assert tabs[1].text == "Của tôi 3"
    assert tabs[1].address == "/alerts?state=open&owner=an"


def test_a_choice_the_list_does_not_have_is_kept(console):
    (state, *_) = queue.selects([("state", "resolved,false_positive")], reader(console))

    assert [option.text for option in state.options if option.current] == ["resolved,false_positive"]


def test_a_chip_takes_off_its_own_filter_only(console):
    (one, other) = queue.chips([("state", ""), ("unit", "40.412"), ("rule", "r")], console.registry, reader(console))

    assert (one.label, one.without) == ("đơn vị: Đơn vị 40.412", "/alerts?state=&rule=r")
    assert other.label == "quy tắc: r"
