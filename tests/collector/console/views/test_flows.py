# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.flows import FlowsView, Wanted
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.traffic.search import Found
from support.flowing import WEB

BLANK = dict.fromkeys(Wanted.NAMES, "")


@pytest.mark.parametrize(
    ("said", "port", "hours"),
    [
        ({}, "", "1"),
        ({"hours": "x"}, "", "1"),
        ({"port": "53"}, "53", "1"),
        ({"hours": "5-9"}, "", "5-9"),
        ({"hours": "5-9999999999"}, "", "1"),
    ],
)
def test_a_time_that_is_not_offered_is_the_last_hour(said, port, hours):
    wanted = Wanted.parse({**BLANK, **said})

    assert (wanted.port, wanted.hours) == (port, hours)


@pytest.mark.parametrize(("size", "shown"), [(999, "999 B"), (1_000, "1.0 kB"), (25 * 10**8, "2.5 GB")])
def test_sizes_are_written_in_the_largest_unit(size, shown):
    reader = Reader(Languages().named("en"), ZoneInfo("Asia/Ho_Chi_Minh"), 0)
    found = Found(flows=[("A1", "eth0", 0, WEB)], minutes=1, bytes=size, more=True)

    view = FlowsView.of(found, Wanted(), "", Registry(), reader)

    assert view.summary == f"1+ flows, {shown} in 1 recorded minutes; beside those told one by one: 0 B"
    assert view.rows[0].source == "10.0.0.5:50000"
