# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.console.host import HostStatus
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.hosts import HostRow, Wanted, arranged


def host(name, **known):
    return HostStatus(name, name, "u1", "Xã Quỳnh Lưu", "S1", known.pop("level", 2), **known)


def test_hosts_stand_in_the_order_of_their_trouble_then_by_name():
    hosts = [
        host("d", heard_ns=1, silent=False),
        host("C", heard_ns=1, silent=False),
        host("b"),
        host("a", heard_ns=1, left="stopped"),
        host("e", heard_ns=1),
    ]

    assert [one.name for one in arranged(hosts, Wanted())] == ["e", "a", "b", "C", "d"]


def test_a_host_is_found_by_unit_without_accents():
    assert Wanted(text="quynh LUU").fits(host("a"))
    assert not Wanted(text="quynh doi").fits(host("a"))


def test_unclassified_is_a_level_of_its_own():
    assert Wanted(level="unclassified").fits(host("a", level=None))
    assert not Wanted(level="unclassified").fits(host("a"))


@pytest.mark.parametrize(
    ("language", "left", "said"),
    [("vi", "stopped in order", "dừng bình thường"), ("en", "stopped in order", "stopped in order"), ("vi", "x", "x")],
)
def test_how_an_agent_said_goodbye_is_in_the_readers_language(language, left, said):
    reader = Reader(Languages().named(language), ZoneInfo("Asia/Ho_Chi_Minh"), 0)

    assert HostRow.of(host("a", heard_ns=1, left=left), 0, reader).reason == said
