# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.console.host import HostStatus
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.sources import SourcesView
from giamsat_collector.coverage.source_troubles import Trouble
from giamsat_collector.coverage.sources import STEPS, Condition, Source
from giamsat_collector.registry.record import Placement

READER = Reader(Languages().named("en"), ZoneInfo("Asia/Ho_Chi_Minh"), 0)
SILENT = [
    HostStatus("A2", "máy-2", "u", "Xã Nghĩa Đàn", None, 2, heard_ns=9),
    HostStatus("A3", "máy-3", "u", "Xã Nghĩa Đàn", None, 2, heard_ns=3),
    HostStatus("A4", "máy-4", "v", "Phường Vinh", None, 2, heard_ns=1),
]
PLACE = Placement("A1", "máy", "u", "Xã Nghĩa Đàn", "S1", 2)


def test_a_page_keeps_what_was_asked_and_offers_every_condition_that_has_a_next_step():
    found = [Trouble(PLACE, "journald", Source(None, None, 5, 1_200, 0), Condition.LOSING)]

    view = SourcesView.of(found, SILENT, READER, text="nghia dan", condition="losing", anybody_sends=True)

    assert [(row.counts, row.heard, row.unit) for row in view.rows] == [(("1,200", "0", "5"), None, "Xã Nghĩa Đàn")]
    assert view.refresh == "/sources?text=nghia+dan&condition=losing"
    assert [choice.code for choice in view.conditions] == ["", *(condition.value for condition in STEPS)]
    assert [choice.code for choice in view.conditions if choice.current] == ["losing"]
    assert view.silent == (), "a condition is one of a source"


def test_of_more_sources_than_a_page_holds_the_worst_are_named_and_it_is_said():
    found = [Trouble(PLACE, f"log {number}", Source(None, None, 5, 0, 0), Condition.LOSING) for number in range(502)]

    views = [SourcesView.of(some, (), READER, text="", condition="", anybody_sends=True) for some in (found, found[2:])]

    assert [(len(view.rows), view.more) for view in views] == [
        (500, "Only the 500 worst sources are listed."),
        (500, ""),
    ]
    assert views[0].summary.startswith("502 ")


def test_hosts_of_which_nothing_comes_are_named_those_longest_silent_first():
    view = SourcesView.of((), SILENT, READER, text="nghia dan", condition="", anybody_sends=True)

    assert [row.address for row in view.silent] == ["/hosts/A3", "/hosts/A2"]
    assert view.silence == "2 silent hosts: nothing comes of any source of them"
    assert view.silent[0].alerts == "/alerts?state=&asset=A3&rule=agent_silent"
