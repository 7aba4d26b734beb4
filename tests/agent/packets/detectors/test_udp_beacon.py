# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from giamsat_agent.packets.detectors.udp_beacon import ASKED, UdpBeacon
from giamsat_agent.packets.periodicity import CALLS, CALLS_OF_A_CLOCK
from support.capture import CLIENT, IP, SERVER, UDP, batches, classes, frame, pcap


def calls(times, port=443, *, own=None, answered=True, server=SERVER):
    """A call at each of these times, from a new port unless one is named."""
    frames = []
    for number, at in enumerate(times):
        near = own or 40_000 + number
        frames.append((at, frame(IP(src=CLIENT, dst=server), UDP(sport=near, dport=port), bytes(60))))
        if answered:
            back = frame(IP(src=server, dst=CLIENT), UDP(sport=port, dport=near), bytes(60))
            frames += [(at + 0.05, back), (at + 0.1, back)]
    return sorted(frames)


def evenly(count, period=60, jitter=0.0):
    rng = random.Random(4)
    times = [0.0]
    while len(times) < count:
        times.append(times[-1] + period * rng.uniform(1 - jitter, 1 + jitter))
    return times


def test_ten_calls_by_the_clock_or_twenty_with_jitter_are_a_beacon(tmp_path):
    told = {("beacon", CLIENT)}

    assert classes(pcap(tmp_path / "a", calls(evenly(CALLS_OF_A_CLOCK)))) == told
    assert classes(pcap(tmp_path / "b", calls(evenly(CALLS_OF_A_CLOCK - 1)))) == set()
    assert classes(pcap(tmp_path / "c", calls(evenly(CALLS, jitter=0.25), 8_443))) == told
    assert classes(pcap(tmp_path / "d", calls(evenly(CALLS - 1, jitter=0.25), 8_443))) == set()


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(lambda: calls(evenly(60, 25), 51_820, own=51_820), id="a VPN that keeps itself alive"),
        pytest.param(lambda: calls(evenly(60), answered=False), id="nobody answers"),
        pytest.param(lambda: calls(evenly(60), 3_478), id="a service that is asked evenly by design"),
        pytest.param(lambda: calls(evenly(60), server="10.0.0.80"), id="within the unit"),
        pytest.param(lambda: calls(evenly(60, jitter=0.9)), id="as people browse"),
    ],
)
def test_what_is_ordinary_is_no_beacon(tmp_path, frames):
    assert classes(pcap(tmp_path / "x", frames())) == set()


def test_how_frames_are_cut_into_batches_decides_over_nothing(tmp_path):
    path = pcap(tmp_path / "x", calls(evenly(CALLS, jitter=0.2)))

    def found(at_once):
        detector = UdpBeacon()
        return [one.counts for batch in batches(path, at_once) for one in detector.take(batch)][-1:]

    assert found(1) == found(7) == found(10_000) != []


def test_names_and_times_are_among_what_is_asked_evenly():
    assert ASKED.at([53, 123, 443]).tolist() == [True, True, False]
