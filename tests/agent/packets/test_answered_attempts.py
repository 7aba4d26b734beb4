# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from giamsat_agent.packets.answered_attempts import OTHER_SHIFT, SHIFT, Settled
from giamsat_agent.packets.detector import DAY_NS
from giamsat_agent.packets.detectors.scan import SynScan
from support.capture import ATTACKER, IP, TCP, batches, frame, pcap

OTHER = 1 << int(OTHER_SHIFT)
SLOT = (1 << int(SHIFT)) + OTHER


def numbers(*values):
    return np.array(values, np.uint64)


def taken(settled, keys, times, first=1):
    """Attempts by the source 7 at ports of the target 9."""
    places = np.arange(len(keys))
    ends = (np.full(len(keys), 7, np.uint64), np.full(len(keys), 9, np.uint64), places + 80)
    return settled.take(numbers(*keys), ends, np.array(times), places + first).tolist()


def test_what_was_taken_is_held_and_comes_back_once_it_is_let_go():
    settled = Settled()

    assert taken(settled, [SLOT, 2 * SLOT], [5, 6]) == [True, True]
    assert settled.holds(numbers(SLOT, 2 * SLOT, 3 * SLOT)).tolist() == [True, True, False]
    assert list(settled.let_go(numbers(SLOT, SLOT, 3 * SLOT))) == [(7, 9, 80, 5, 1, 1)]
    assert settled.holds(numbers(SLOT, 2 * SLOT)).tolist() == [False, True]


def test_what_finds_both_slots_taken_is_not_taken_until_one_is_a_day_old():
    settled = Settled()

    assert taken(settled, [SLOT, SLOT + OTHER], [0, 1]) == [True, False], "one for the same slot at a time"
    assert taken(settled, [SLOT + OTHER], [2], first=3) == [True]
    assert taken(settled, [SLOT + OTHER + 1], [DAY_NS], first=9) == [False]
    assert settled.holds(numbers(SLOT, SLOT + OTHER, SLOT + OTHER + 1)).tolist() == [True, True, False]
    assert taken(settled, [SLOT + OTHER + 1], [DAY_NS + 1], first=9) == [True]
    assert list(settled.let_go(numbers(SLOT, SLOT + OTHER + 1))) == [(7, 9, 80, DAY_NS + 1, 9, 1)]
    assert settled.holds(numbers(SLOT + OTHER)).tolist() == [True]


@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_done_again_keeps_its_first_frame_and_its_last_time(at_once):
    settled = Settled()
    if at_once:
        taken(settled, [SLOT, SLOT], [5, 8])
    else:
        taken(settled, [SLOT], [5])
        taken(settled, [SLOT], [8], first=4)

    assert settled.made_once(numbers(SLOT), np.array([9]), 10).tolist() == [False]
    assert list(settled.let_go(numbers(SLOT))) == [(7, 9, 80, 8, 1, 2)]


def test_what_was_made_once_is_so_for_as_long_as_is_asked():
    settled = Settled()
    taken(settled, [SLOT], [5])

    once = settled.made_once(numbers(SLOT, SLOT, 2 * SLOT), np.array([15, 16, 5]), 10)

    assert once.tolist() == [True, False, False]


def test_all_of_a_source_is_let_go_and_nothing_of_another():
    settled = Settled()
    taken(settled, [SLOT, 2 * SLOT], [5, 6])

    assert list(settled.let_go_of(8)) == []
    assert len(list(settled.let_go_of(7))) == 2
    assert list(settled.let_go_of(7)) == []


@pytest.mark.parametrize("at_once", [1, 7, 1_000])
def test_hosts_that_answered_before_are_no_scan_when_all_fall_at_once_and_others_are(tmp_path, at_once):
    polled = [f"10.1.0.{number}" for number in range(1, 41)]
    polls = [
        raw
        for host in polled
        for raw in (
            frame(IP(src=ATTACKER, dst=host), TCP(sport=40_000, dport=80, flags="S")),
            frame(IP(src=host, dst=ATTACKER), TCP(sport=80, dport=40_000, flags="SA")),
        )
    ]
    falls = [frame(IP(src=ATTACKER, dst=host), TCP(sport=40_001, dport=80, flags="S")) for host in polled]
    others = [frame(IP(src=ATTACKER, dst=f"10.2.0.{n}"), TCP(sport=40_001, dport=80, flags="S")) for n in range(1, 41)]
    before = [(0.001 * at, raw) for at, raw in enumerate(polls)]

    def found(frames):
        return [
            anomaly
            for batch in batches(pcap(tmp_path / "x", [*before, *frames]), at_once)
            for anomaly in detector.take(batch)
        ]

    detector = SynScan()
    assert found([(5 + 0.01 * at, raw) for at, raw in enumerate(falls)]) == []
    detector = SynScan()
    scanned = [(5 + 0.01 * at, raw) for at, raw in enumerate(others)]
    assert {one.name for one in found([*scanned, (9, polls[0])])} == {"scan_tcp_horizontal"}
