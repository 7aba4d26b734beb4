# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.archive.around import MOST, Around, Span, around
from support.stored import NOON_NS, holding, stored

SECOND = 10**9


def span(seconds):
    return Span(NOON_NS - seconds * SECOND, NOON_NS, NOON_NS + seconds * SECOND)


def at(seconds, number=1, kind="user-login", **said):
    return holding(number, kind, received_ns=NOON_NS + seconds * SECOND, **said)


def test_events_of_the_host_in_the_span_come_in_order_of_time_whenever_they_arrived():
    frames = [at(9, 1), at(-9, 2), at(11, 3), at(1, 4, agent="A2"), at(2, 5, kind="flow-minute")]
    found = around(frames, "A1", span(10), frozenset({"flow-minute"}))

    assert [(at_ns - NOON_NS) // SECOND for at_ns, _ in found.events] == [-9, 9]
    assert (found.beyond, found.unread) == (0, 0)


def test_of_too_many_the_nearest_are_kept_and_the_others_counted():
    found = around((at(each - 400, each + 1) for each in range(800)), "A1", span(1_000))

    assert (len(found.events), found.beyond) == (MOST, 300)
    assert found.events[0][0] >= NOON_NS - 251 * SECOND
    assert [at_ns for at_ns, _ in found.events] == sorted(at_ns for at_ns, _ in found.events)


def test_what_cannot_be_read_is_counted_and_stops_nothing():
    found = around([stored(1, payload=b"\xff"), at(0, 2)], "A1", span(10))

    assert (len(found.events), found.unread) == (1, 1)
    assert around([], "A1", span(10)) == Around()
