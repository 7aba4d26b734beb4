# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest

from giamsat_agent.packets.anomaly import Anomaly, Kind, Severity, Target
from giamsat_agent.packets.chunk import PADDING, Chunk
from giamsat_agent.packets.dissection import frames
from giamsat_agent.packets.recent_frames import BURST, Recent
from support.capture import IP, TCP, UDP, IPv6, frame

SECOND = 1_000_000_000
HOUR = 3600 * SECOND


def chunk(first, *raw):
    lengths = np.array([len(one) for one in raw], np.int64)
    data = np.frombuffer(b"".join(raw) + bytes(PADDING), np.uint8)
    return Chunk(data, np.cumsum(lengths) - lengths, lengths, np.zeros(len(raw), np.int64), 1, first)


def anomaly(*numbers, source="203.0.113.9", name="scan", at_ns=HOUR, targets=()):
    return Anomaly(name, Severity.LOW, ("", ""), source, at_ns, at_ns, frames=numbers, targets=targets)


def shown(recent, what):
    return [raw for _, raw in frames(recent.evidence(what)[1])]


def test_the_evidence_is_the_frames_the_detector_names_whatever_chunk_they_came_in():
    recent = Recent(1 << 20)
    recent.add(chunk(1, b"a" * 60, b"b" * 60))
    recent.add(chunk(3, b"c" * 60))

    assert shown(recent, anomaly(2, 3)) == [b"b" * 60, b"c" * 60]


def test_of_what_a_policy_forbids_there_is_no_evidence_for_it_may_hold_a_secret():
    recent = Recent(1 << 20)
    recent.add(chunk(1, frame(IP(src="203.0.113.9"), TCP(dport=21), b"PASS bi-mat")))
    breach = replace(anomaly(1), kind=Kind.POLICY)

    assert recent.evidence(breach) == ("", b"")
    assert recent.missed == 0
    assert shown(recent, anomaly(1)) != []


@pytest.mark.parametrize(
    ("offender", "other"), [(IP(src="203.0.113.9"), IP(src="10.0.0.1")), (IPv6(src="2001:db8::9"), IPv6(src="::1"))]
)
def test_when_they_have_passed_the_newest_of_the_offender_are_shown(offender, other):
    recent, his, not_his = Recent(1 << 20), frame(offender, TCP(dport=7)), frame(other, TCP(dport=7))
    recent.add(chunk(500, his, not_his))
    recent.add(chunk(502, not_his, his))

    assert shown(recent, anomaly(1, 2, source=offender.src)) == [his, his]


def test_of_a_flood_from_invented_addresses_what_the_victim_was_sent_is_shown():
    recent, sent = Recent(1 << 20), frame(IP(src="10.0.0.1", dst="198.51.100.7"), UDP())
    recent.add(chunk(500, sent))

    assert shown(recent, anomaly(1, targets=[Target("198.51.100.7")])) == [sent]


def test_an_offender_is_shown_once_a_minute_and_later_tellings_name_the_same_evidence():
    recent = Recent(1 << 20)
    recent.add(chunk(1, b"a" * 60))
    first, pcap = recent.evidence(anomaly(1))

    assert pcap
    assert recent.evidence(anomaly(1, at_ns=HOUR + 30 * SECOND)) == (first, b"")
    assert recent.evidence(anomaly(1, at_ns=HOUR + 61 * SECOND)) == (first, pcap)


def test_a_storm_of_offenders_is_shown_in_part_and_the_rest_is_counted():
    recent = Recent(1 << 20)
    recent.add(chunk(1, *[b"a" * 60] * 20))
    pieces = [recent.evidence(anomaly(*range(1, 21), source=f"10.0.0.{number}"))[1] for number in range(100)]

    assert sum(map(bool, pieces)) == BURST // 20
    assert recent.missed == 100 - BURST // 20


def test_what_is_kept_is_bounded_and_the_newest_chunk_always_there():
    recent = Recent(10_000)
    for first in range(1, 1_000):
        recent.add(chunk(first, b"a" * 500))
    recent.add(chunk(1_000, b"z" * 50_000))

    assert recent._bytes < 60_000
    assert shown(recent, anomaly(1, 999, source="")) == []
    assert shown(recent, anomaly(1_000, name="other"))[0][:1] == b"z"
