# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.stealth import TARGETS
from support.capture import ATTACKER, CLIENT, IP, SERVER, TCP, VICTIM, classes, connection, found, frame, pcap


def probes(flags, count):
    ends = IP(src=ATTACKER, dst=VICTIM)
    return [(number, frame(ends, TCP(sport=40_000, dport=1 + number, flags=flags))) for number in range(count)]


@pytest.mark.parametrize(
    ("flags", "kind"),
    [("", "NULL"), ("F", "FIN"), ("FPU", "Xmas"), ("PU", "PSH URG"), ("SF", "SYN FIN"), ("SR", "SYN RST")],
)
def test_segments_no_tcp_sends_are_a_stealth_scan_of_their_kind(tmp_path, flags, kind):
    (scan,) = found(pcap(tmp_path / "x", probes(flags, TARGETS)))

    assert (scan.name, scan.source_ip) == ("scan_tcp_stealth", ATTACKER)
    assert kind in scan.words[1]


def test_data_beside_such_flags_hides_nothing(tmp_path):
    frames = [
        (number, frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=40_000, dport=1 + number, flags="F"), bytes(40)))
        for number in range(TARGETS)
    ]

    assert classes(pcap(tmp_path / "x", frames)) == {("scan_tcp_stealth", ATTACKER)}


@pytest.mark.parametrize("flags", ["S", "SEC", "SA", "A", "PA", "FPA", "R", "RA", "UA"])
def test_flags_of_ordinary_segments_are_none(tmp_path, flags):
    assert "scan_tcp_stealth" not in {name for name, _ in classes(pcap(tmp_path / "x", probes(flags, 40)))}


def test_fewer_than_the_floor_are_none(tmp_path):
    assert classes(pcap(tmp_path / "x", probes("F", TARGETS - 1))) == set()


def test_connections_that_end_in_order_are_none(tmp_path):
    frames = [one for number in range(30) for one in connection(CLIENT, SERVER, 443, number, sport=40_000 + number)]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_frames_cut_before_their_flags_are_none(tmp_path):
    assert classes(pcap(tmp_path / "x", probes("SA", 40), snap=14 + 20 + 8)) == set()
