# SPDX-License-Identifier: Apache-2.0
import random

import numpy as np
import pytest

from giamsat_agent.packets.detectors import beacon
from giamsat_agent.packets.periodicity import CALLS
from support.capture import CLIENT, IP, TCP, batches, classes, connection, found, frame, pcap

OUTSIDE = "203.0.113.66"
RNG = random.Random(7)


def calls(pauses, *, server=OUTSIDE, port=443):
    frames, now = [], 0.0
    for number, pause in enumerate(pauses):
        frames += connection(CLIENT, server, port, now, sport=40_000 + number, data=((True, bytes(200)),))
        now += pause
    return frames


@pytest.mark.parametrize(("every_s", "jitter"), [(5, 0.0), (60, 0.1), (300, 0.3), (3_600, 0.2)])
def test_even_calls_to_the_outside_are_a_beacon_whatever_their_jitter(tmp_path, every_s, jitter):
    pauses = [every_s * (1 + RNG.uniform(-jitter, jitter)) for _ in range(2 * CALLS)]

    (beacon,) = found(pcap(tmp_path / "x", calls(pauses)))

    assert (beacon.name, beacon.source_ip, beacon.targets[0].ip) == ("beacon", CLIENT, OUTSIDE)
    assert beacon.counts["period_seconds"] == pytest.approx(every_s, rel=0.15)


@pytest.mark.parametrize(
    ("server", "port"), [("10.0.0.80", 443), ("192.168.3.3", 9_100), (OUTSIDE, 993), (OUTSIDE, 8_883)]
)
def test_polls_within_and_services_that_live_by_evenness_are_none(tmp_path, server, port):
    assert classes(pcap(tmp_path / "x", calls([60] * 60, server=server, port=port))) == set()


def test_a_person_who_comes_back_is_none(tmp_path):
    assert classes(pcap(tmp_path / "x", calls([RNG.expovariate(1 / 60) + 3 for _ in range(100)]))) == set()


def test_a_program_that_tries_again_and_is_never_answered_is_none(tmp_path):
    frames = [
        (30 * n, frame(IP(src=CLIENT, dst=OUTSIDE), TCP(sport=40_000 + n, dport=443, flags="S"))) for n in range(60)
    ]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_where_the_calls_alone_are_seen_taking_leave_shows_that_they_were_answered(tmp_path):
    client = bytes(map(int, CLIENT.split(".")))
    sent = [one for one in calls([60] * 2 * CALLS) if one[1][26:30] == client]

    assert classes(pcap(tmp_path / "x", sent)) == {("beacon", CLIENT)}


@pytest.mark.parametrize("at_once", [1, 7, 10_000])
def test_where_the_answers_alone_are_seen_those_that_accept_show_a_beacon_but_of_nobody_who_is_seen_to_call(
    tmp_path, at_once
):
    accepted = [one for one in calls([60] * 2 * CALLS) if one[1][26:30] == bytes(map(int, OUTSIDE.split(".")))]
    calls_another = calls([1], server="203.0.113.1")[:1]

    def told(name, frames):
        detector = beacon.Beacon()
        return [one for batch in batches(pcap(tmp_path / name, frames), at_once) for one in detector.take(batch)]

    assert {(one.source_ip, one.targets[0].ip) for one in told("x", accepted)} == {(CLIENT, OUTSIDE)}
    assert told("y", calls_another + accepted) == []


@pytest.mark.parametrize("at_once", [1, 7, 10_000])
def test_beacons_whose_first_calls_would_wait_in_the_same_slot_are_all_told(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(beacon, "SHIFT", np.uint64(63))
    servers = [f"203.0.113.{last}" for last in range(1, 6)]
    frames = sorted(one for server in servers for one in calls([60] * 2 * CALLS, server=server))
    detector = beacon.Beacon()

    told = [one for batch in batches(pcap(tmp_path / "x", frames), at_once) for one in detector.take(batch)]

    assert {one.targets[0].ip for one in told} == set(servers)
    assert {one.first_ns for one in told} == {min(one.first_ns for one in told)}


def test_services_that_are_called_once_take_no_room(tmp_path):
    frames = [
        (number / 100, frame(IP(src=CLIENT, dst=f"203.0.113.{number % 250 + 1}"), TCP(dport=1_024 + number, flags="S")))
        for number in range(1_000)
    ]
    frames += [(20, frames[500][1])]
    detector = beacon.Beacon()
    for batch in batches(pcap(tmp_path / "x", frames), 100):
        assert not list(detector.take(batch))

    # Those that meet another in their slot have a row at once: about one in sixty.
    assert 1 <= len(detector._calls) < 100
