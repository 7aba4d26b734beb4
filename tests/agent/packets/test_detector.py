# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.packets.detector import (
    AGAIN_NS,
    DAY_NS,
    FEW,
    Daily,
    Lately,
    Room,
    Table,
    Told,
    busiest,
    first_of,
    first_of_each,
)
from giamsat_agent.packets.detectors import every


def test_a_table_lets_go_of_what_was_not_touched_for_longest_and_counts_it():
    table = Table(2)
    table.put("a", 1)
    table.put("b", 2)
    table.get("a")
    table.put("c", 3)

    assert [name in table for name in "abc"] == [True, False, True]
    assert table.evicted == 1


def test_what_is_put_again_is_touched_and_pushes_nothing_out():
    table = Table(2)
    for key in "abac":
        table.put(key, 1)

    assert [key for key, _ in table.items()] == ["a", "c"]
    assert table.evicted == 1


def test_a_storm_is_told_once_a_minute_and_when_it_has_grown_by_a_quarter():
    told = Told()

    due = [told.due("x", at, size) for at, size in ((0, 5), (1, 6), (2, 7), (3, 8), (AGAIN_NS + 2, 8))]

    assert due == [True, False, True, False, True]


def test_what_goes_on_all_day_is_told_first_and_when_it_is_ten_times_as_much():
    daily = Daily(Room())

    told = [daily.counted("x", at) for at in range(120)]
    assert [count for count in told if count] == [1, 10, 100]
    assert daily.counted("y", 0) == 1
    assert [daily.counted("x", DAY_NS + at) for at in range(2)] == [1, 0]


@pytest.mark.parametrize("times", [1, FEW])
@given(rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_the_first_of_each_combination_is_kept_in_order_be_they_few_or_many(rows, times):
    rows = rows * times
    columns = [np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)]

    places = first_of_each(*columns).tolist()

    assert places == [rows.index(row) for row in dict.fromkeys(rows)]


@given(st.lists(st.builds(lambda slot, turn: slot + (turn << 32), st.integers(0, 2), st.integers(0, 2)), max_size=40))
def test_the_first_of_each_hash_is_kept_though_others_have_its_slot(hashes):
    assert first_of(np.array(hashes, np.uint64)).tolist() == [hashes.index(one) for one in dict.fromkeys(hashes)]


def test_of_many_hashes_that_all_have_one_slot_the_first_of_each_is_kept():
    hashes = np.arange(8 * FEW, dtype=np.uint64) % np.uint64(4 * FEW) << np.uint64(32)

    assert first_of(hashes).tolist() == list(range(4 * FEW))


@given(st.lists(st.integers(0, 100)).map(sorted), st.integers(0, 50))
def test_the_busiest_span_is_what_counting_every_one_finds(times, span):
    counted = max((sum(begin <= at <= begin + span for at in times) for begin in times), default=0)

    assert busiest(times, span) == counted


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), max_size=60))
def test_what_came_lately_is_the_newest_within_the_span_and_its_different_ones_are_counted(steps):
    lately: Lately[int] = Lately(most=8, span_ns=20)
    everything: list[tuple[int, int, int]] = []
    now = 0
    for number, (pause, which) in enumerate(steps):
        now += pause
        lately.add(now, which, number)
        everything.append((now, which, number))

        expected = [one for one in everything if now - one[0] <= 20][-8:]

        assert list(lately.seen) == expected
        assert lately.different == len({one for _, one, _ in expected})
        assert which in lately


def test_asking_whether_something_may_be_told_notes_nothing():
    told: Told[str] = Told()

    assert told.may("a", 0, 4)
    assert told.due("a", 0, 4)
    assert not told.may("a", 1, 4)
    assert told.may("a", 1, 5)
    assert told.due("a", 1, 5)


def test_what_a_detector_lets_go_of_is_counted_by_its_room():
    room = Room()
    tables = [room.table(1), room.table(2)]
    for table in tables:
        for number in range(3):
            table.put(number, number)
    room.beyond += 4

    assert [len(table) for table in tables] == [1, 2]
    assert room.evicted == 2 + 1 + 4


TURNING_OVER = {
    "ArpScan": {"_spoken"},
    "ArpSpoof": {"_answered", "_asked"},
    "Challenges": {"_awaited", "_brought", "_forms"},
    "DnsBeacon": {"_names"},
    "DnsForgery": {"_names"},
    "DnsNames": {"_asked", "_bearing"},
    "DuplicateAddress": {"_asked"},
    "Heartbeat": {"_begun"},
    "Kerberos": {"_asked"},
    "NeighbourDiscovery": {"_questions", "_wanted"},
    "Tor": {"_asked"},
    "WebRequests": {"_open"},
}
"""Tables that turn over on ordinary traffic, of what was asked or begun a moment ago."""


def outside(owner, room):
    """Names of the tables of an object that are not of a room, also of those it is made of."""
    for name, value in vars(owner).items():
        if isinstance(value, Table) and value not in room._tables:
            yield type(owner).__name__, name
        elif type(value).__module__.startswith("giamsat_agent.packets") and not isinstance(value, Told | Table):
            yield from outside(value, room) if hasattr(value, "__dict__") else ()


def test_every_table_of_a_detector_is_of_its_room_but_those_that_turn_over():
    found = {}
    for detector in every():
        for owner, name in outside(detector, detector.room):
            found.setdefault(owner, set()).add(name)

    assert found == TURNING_OVER
