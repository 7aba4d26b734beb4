# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.console.host import HostStatus
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.host import HostView, HourRow
from giamsat_collector.console.views.hosts import HostRow
from giamsat_collector.console.views.readings import Readings
from giamsat_collector.coverage.completeness import Completeness, Data, Line
from giamsat_collector.coverage.source_minutes import Minute
from giamsat_collector.coverage.sources import Source
from giamsat_collector.ingest.conservation import Waiting
from giamsat_collector.ingest.minutes import Hour
from giamsat_wire.lane import Lane

READER = Reader(Languages().named("vi"), ZoneInfo("Asia/Ho_Chi_Minh"), 0)
HOUR = 3600 * 10**9


def shown(found):
    status = HostStatus("A1", "máy", "u", "Xã", None, None)
    return HostView.of(HostRow.of(status, 0, READER), Readings.of((), READER), found, READER)


@pytest.mark.parametrize(
    ("data", "alerts", "said"), [(Data.FULL, 0, "0"), (Data.PARTLY, 0, "0"), (Data.NONE, 0, "—"), (Data.NONE, 1, "1")]
)
def test_alerts_are_counted_where_they_could_be_seen_or_were(data, alerts, said):
    assert HourRow.of(Line(Hour(0, {Lane.EVENT: 2}, 5, 3, 1), data, 60, alerts), READER).alerts == said


def test_what_was_lost_and_what_could_not_be_read_is_one_figure():
    row = HourRow.of(Line(Hour(0, {Lane.EVENT: 2}, 5, 3, 1), Data.PARTLY, 60, 0), READER)

    assert (row.lost, row.minutes, row.frames[list(Lane).index(Lane.EVENT)]) == ("4", "5/60", "2")


def test_what_waits_and_what_was_heard_is_named():
    stopped = Source(up=False, heard_ns=0, spooled=4, lacking=0, throttled=0)
    total = Minute("A1", 9, "/var/log/a\x1b", produced=1_009, received=1_005)
    found = Completeness(
        "A1",
        0,
        (),
        {"event": Waiting(7, 2)},
        {"/var/log/a\x1b": stopped},
        {"/var/log/a\x1b": total},
        counters={"giamsat_agent_x_total": 3.0},
    )

    view = shown(found)

    assert view.waiting == (("sự kiện", "7", "2"),)
    (row,) = view.sources
    assert (row.name, row.condition_code) == ("/var/log/a\\x1b", "stopped")
    assert row.counts == ("1.009", "0", "0", "4", "1.005", "0")
    assert "giamsat-agent doctor" in row.step
    assert view.counters == (("giamsat_agent_x_total", "3"),)


def test_hours_before_a_host_was_watched_are_not_shown_as_hours_without_data():
    hours = (Line(Hour(HOUR, {}, 0, 0, 0), Data.NONE, 60, 0), Line(Hour(0, {}, 0, 0, 0), Data.BEFORE, 0, 0))

    view = shown(Completeness("A1", 2 * HOUR, hours))

    assert [row.start.iso for row in view.hours] == ["1970-01-01T01:00:00Z"]
    assert view.since is not None
    assert view.since.iso == "1970-01-01T01:00:00Z"
    assert shown(Completeness("A1", 2 * HOUR, hours[:1])).since is None
