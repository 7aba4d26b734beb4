# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.archive.around import MOST, ROOM, Around, Span, around
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


def test_events_that_say_very_much_leave_room_for_those_that_are_nearer_and_for_no_more():
    much = {f"x__{number}": "y" * 8_000 for number in range(12)}
    found = around([at(0, 1), *(at(each, each + 1, **much) for each in range(1, 60)), at(60, 61)], "A1", span(100))
    told = [sum(len(value) for value in event.fields.values()) for _, event in found.events]

    assert [(at_ns - NOON_NS) // SECOND for at_ns, _ in found.events] == list(range(len(told)))
    assert (told[-1], len(told) + found.beyond) == (96_000, 61)
    assert ROOM - 200_000 < sum(told) <= ROOM


def test_what_cannot_be_read_is_counted_and_stops_nothing():
    found = around([stored(1, payload=b"\xff"), at(0, 2)], "A1", span(10))

    assert (len(found.events), found.unread) == (1, 1)
    assert around([], "A1", span(10)) == Around()
