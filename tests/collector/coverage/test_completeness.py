# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.coverage.completeness import Data, judged
from giamsat_collector.ingest import frames
from giamsat_collector.ingest.conservation import Waiting
from giamsat_collector.ingest.frames import Arrival
from giamsat_collector.ingest.minutes import HOUR_NS, MINUTE_NS, Hour
from giamsat_collector.ingest.session import Incoming
from giamsat_wire.lane import Lane
from support.office import Office

START = 1_000 * HOUR_NS


@pytest.mark.parametrize(
    ("minutes", "since_ns", "now_ns", "found"),
    [
        (60, 0, START + HOUR_NS, (Data.FULL, 60)),
        (59, 0, START + HOUR_NS, (Data.FULL, 60)),
        (58, 0, START + HOUR_NS, (Data.PARTLY, 60)),
        (0, 0, START + HOUR_NS, (Data.NONE, 60)),
        (9, 0, START + 10 * MINUTE_NS, (Data.FULL, 10)),
        (1, START + HOUR_NS - 1, START + HOUR_NS, (Data.FULL, 1)),
        (20, START + 40 * MINUTE_NS, START + HOUR_NS, (Data.FULL, 20)),
        (0, START + HOUR_NS, START + 2 * HOUR_NS, (Data.BEFORE, 0)),
    ],
)
def test_an_hour_is_held_against_the_minutes_the_host_was_watched_in(minutes, since_ns, now_ns, found):
    assert judged(Hour(START, {}, minutes, 0, 0), since_ns, now_ns) == found


async def test_no_alert_in_an_hour_without_data_is_told_apart_from_no_alert(tmp_path):
    office = Office(tmp_path)
    office.clock.advance(HOUR_NS - office.clock.wall_ns() % HOUR_NS)
    first = office.clock.wall_ns()
    office.console.place()
    for number in range(60):
        incoming = Incoming(Lane.METRIC, 5, number, 0, b"", 0)
        arrival = Arrival("A1", incoming, first + number * MINUTE_NS, 0)
        office.store.now(lambda c, arrival=arrival: frames.append(c, [arrival]))
    office.clock.advance(2 * HOUR_NS)
    office.console.raise_alert(at=first + 1)
    office.waiting[Lane.METRIC] = Waiting(3, 0)

    found = await office.ledger.of("A1", 4)

    assert [(line.data, line.alerts) for line in found.lines[1:]] == [
        (Data.NONE, 0),
        (Data.FULL, 1),
        (Data.BEFORE, 0),
    ]
    assert found.waiting == {"metric": Waiting(3, 0)}
    office.console.close()
