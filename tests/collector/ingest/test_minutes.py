# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.ingest import frames, minutes
from giamsat_collector.ingest.frames import Arrival
from giamsat_collector.ingest.minutes import HOUR_NS, MINUTE_NS
from giamsat_collector.ingest.session import Incoming, Missing
from giamsat_wire.lane import Lane

FIRST = 1_000 * HOUR_NS


def arrive(connection, *at_ns, agent="A1", lane=Lane.METRIC, poison=None):
    for number, at in enumerate(at_ns, at_ns[0] % 1_000_003):
        incoming = Incoming(lane, 5, number, 0, b"", 0)
        frames.append(connection, [Arrival(agent, incoming, at, 0, poison)])


def test_an_hour_says_what_came_in_how_many_of_its_minutes(connection):
    arrive(connection, FIRST, FIRST + 1, FIRST + MINUTE_NS, FIRST + 59 * MINUTE_NS)
    arrive(connection, FIRST + 2, lane=Lane.EVENT)
    arrive(connection, FIRST + 2 * HOUR_NS)
    arrive(connection, FIRST + 3, agent="A2", lane=Lane.BULK)

    first, empty, third = minutes.hours(connection, "A1", FIRST, FIRST + 3 * HOUR_NS)

    assert (first.start_ns, first.frames, first.minutes) == (FIRST, {Lane.METRIC: 4, Lane.EVENT: 1}, 3)
    assert (empty.frames, empty.minutes) == ({}, 0)
    assert third.minutes == 1


def test_what_was_lost_or_could_not_be_read_is_counted_in_its_hour(connection):
    arrive(connection, FIRST + HOUR_NS, poison="crc")
    frames.declare(connection, "A1", [Missing(Lane.EVENT, 5, 3, 7)], reason="full", at_ns=FIRST + 1)

    first, second = minutes.hours(connection, "A1", FIRST, FIRST + 2 * HOUR_NS)

    assert [(one.lost, one.unread, one.minutes) for one in (first, second)] == [(5, 0, 0), (0, 1, 0)]


def test_before_the_oldest_frame_nothing_is_known(connection):
    assert minutes.oldest(connection) is None
    arrive(connection, FIRST + 7, FIRST + 9)
    assert minutes.oldest(connection) == FIRST + 7
