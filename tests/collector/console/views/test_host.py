# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.console.host import HostStatus
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.host import HostView, HourRow
from giamsat_collector.coverage.completeness import Completeness, Data, Line
from giamsat_collector.ingest.conservation import Waiting
from giamsat_collector.ingest.minutes import Hour
from giamsat_wire.lane import Lane

READER = Reader(Languages().named("vi"), ZoneInfo("Asia/Ho_Chi_Minh"), 0)


@pytest.mark.parametrize(
    ("data", "alerts", "said"), [(Data.FULL, 0, "0"), (Data.PARTLY, 0, "0"), (Data.NONE, 0, "—"), (Data.NONE, 1, "1")]
)
def test_alerts_are_counted_where_they_could_be_seen_or_were(data, alerts, said):
    assert HourRow.of(Line(Hour(0, {Lane.EVENT: 2}, 5, 3, 1), data, 60, alerts), READER).alerts == said


def test_what_was_lost_and_what_could_not_be_read_is_one_figure():
    row = HourRow.of(Line(Hour(0, {Lane.EVENT: 2}, 5, 3, 1), Data.PARTLY, 60, 0), READER)

    assert (row.lost, row.minutes, row.frames[list(Lane).index(Lane.EVENT)]) == ("4", "5/60", "2")


def test_what_waits_and_what_was_heard_is_named():
    found = Completeness("A1", 0, (), {"event": Waiting(7, 2)}, {"/var/log/a\x1b": 0}, {"giamsat_agent_x_total": 3.0})

    view = HostView.of(HostStatus("A1", "máy", "u", "Xã", None, None), found, READER)

    assert view.waiting == (("sự kiện", "7", "2"),)
    assert "\x1b" not in view.sources[0][0]
    assert view.counters == (("giamsat_agent_x_total", "3"),)


def test_before_a_host_was_watched_nothing_is_counted_not_even_zero():
    row = HourRow.of(Line(Hour(0, {}, 0, 0, 0), Data.BEFORE, 0, 0), READER)

    assert {row.minutes, row.lost, row.alerts, *row.frames} == {"—"}
