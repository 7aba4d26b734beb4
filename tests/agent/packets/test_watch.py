# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.chunk import Chunk
from giamsat_agent.packets.detector import Room
from giamsat_agent.packets.detectors import every
from giamsat_agent.packets.indicator_lists import Listed, parsed
from giamsat_agent.packets.watch import Watch
from giamsat_wire.clock import SECOND_NS
from support.capture import (
    ARP,
    ATTACKER,
    CLIENT,
    ICMP,
    IP,
    SERVER,
    TCP,
    UDP,
    VICTIM,
    Ether,
    connection,
    frame,
    pcap,
    source,
)


def mixed():
    """One offender of each kind, one after the other."""
    frames = []
    for number in range(60):
        port, host = number + 1, f"198.51.100.{number + 1}"
        frames += [
            (number * 0.2, frame(IP(src="203.0.113.1", dst=VICTIM), TCP(sport=5_000, dport=port, flags="S"))),
            (20 + number * 0.2, frame(IP(src="203.0.113.2", dst=host), TCP(sport=5_000, dport=81, flags="S"))),
            (40 + number * 0.2, frame(IP(src="203.0.113.3", dst=VICTIM), TCP(sport=5_000, dport=port, flags="FPU"))),
            (60 + number * 0.2, frame(IP(src="203.0.113.4", dst=VICTIM), UDP(sport=50_000, dport=port))),
            (80 + number * 0.2, frame(IP(src="203.0.113.5", dst=host), TCP(sport=50_000, dport=80, flags="A"))),
            (100 + number * 0.2, frame(IP(src="203.0.113.6", dst=host), ICMP(type=8))),
            (
                120 + number * 0.05,
                bytes(Ether(src="02:00:00:00:00:07", dst="ff:ff:ff:ff:ff:ff") / ARP(psrc="10.0.0.7", pdst=host)),
            ),
        ]
        tries = ((False, b"220 x\r\n"), (True, b"USER a\r\n"), (True, b"PASS b\r\n"))
        frames += connection("203.0.113.8", SERVER, 21, 130 + number, sport=40_000 + number, data=tries)
    frames += [
        (200 + number * 0.001, frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=1_024 + number, dport=80, flags="S")))
        for number in range(900)
    ]
    return sorted(frames)


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    return pcap(tmp_path_factory.mktemp("mixed") / "x", mixed())


def told(path, at_once):
    watch, found = Watch(), []
    with source(path) as frames:
        for chunk in frames.chunks():
            for start in range(0, len(chunk.offsets), at_once):
                part = slice(start, start + at_once)
                cut = Chunk(
                    chunk.data,
                    chunk.offsets[part],
                    chunk.lengths[part],
                    chunk.times_ns[part],
                    chunk.link_type,
                    chunk.first + start,
                )
                found += watch.take(cut)
    return {(one.name, one.source_ip) for one in [*found, *watch.rest()]}


def test_every_offender_is_told_of(capture):
    names = {name for name, _ in told(capture, 1 << 20)}

    assert names == {
        "scan_tcp_vertical",
        "scan_tcp_horizontal",
        "scan_tcp_stealth",
        "scan_udp",
        "host_discovery",
        "arp_scan",
        "bruteforce",
        "flood",
    }


@pytest.mark.parametrize("at_once", [1, 10, 97])
def test_how_frames_are_cut_into_batches_decides_over_nothing(capture, at_once):
    assert told(capture, at_once) == told(capture, 1 << 20)


def test_what_nobody_answers_is_told_though_nothing_comes_any_more(tmp_path):
    watch, found = Watch(), []
    scan = [frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=5_000, dport=port, flags="S")) for port in range(1, 61)]
    with source(pcap(tmp_path / "x", [(number / 100, raw) for number, raw in enumerate(scan)])) as frames:
        for chunk in frames.chunks():
            last_ns = int(chunk.times_ns[-1])
            found += watch.take(chunk)

    waited = [[one.name for one in watch.wait(last_ns + after * SECOND_NS // 2)] for after in (1, 5, 9, 1_000)]

    assert (found, waited) == ([], [[], ["scan_tcp_vertical"], [], []])


class Failing:
    """A detector that fails whatever it is given."""

    room = Room()

    def take(self, batch):
        raise IndexError("out of range")


def test_a_detector_that_fails_holds_up_no_other_and_is_told_once(capture):
    watch, found, faults = Watch(detectors=(Failing(), *every())), [], set()
    with source(capture) as frames:
        for chunk in frames.chunks():
            for start in range(0, len(chunk.offsets), 100):
                part = slice(start, start + 100)
                cut = (chunk.offsets[part], chunk.lengths[part], chunk.times_ns[part])
                found += watch.take(Chunk(chunk.data, *cut, chunk.link_type, chunk.first + start))
                faults.add(watch.fault)

    assert watch.faults > 3
    assert [type(fault) for fault in faults] == [IndexError]
    assert {(one.name, one.source_ip) for one in [*found, *watch.rest()]} == told(capture, 100)


class Unreadable(frozenset):
    """Addresses that nobody can go through."""

    def __iter__(self):
        raise IndexError("out of range")


def test_a_list_that_makes_looking_fail_holds_up_nothing_and_a_new_one_is_followed(capture):
    watch, found = Watch(), []
    watch.know(Listed(addresses=Unreadable({b"bad!"})))
    with source(capture) as frames:
        for chunk in frames.chunks():
            found += watch.take(chunk)
    found += watch.rest()
    failed = watch.faults
    watch.know(parsed([("list", ATTACKER)]))
    with source(pcap(capture.with_name("after"), connection(CLIENT, ATTACKER, 443, 300))) as frames:
        met = [one.name for chunk in frames.chunks() for one in watch.take(chunk)]

    assert "flood" in {one.name for one in found}
    assert type(watch.fault) is IndexError
    assert watch.faults == failed > 0
    assert "known_bad" in met
