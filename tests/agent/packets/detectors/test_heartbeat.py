# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from giamsat_agent.packets.detectors.heartbeat import BUSY, LASTING_NS, LINES, Heartbeat
from giamsat_wire.clock import SECOND_NS
from support.capture import ATTACKER, CLIENT, IP, SERVER, TCP, batches, classes, found, frame, pcap, retained
from support.handshakes import certificate, segments, spoken

RNG = random.Random(4)
LASTING_S = LASTING_NS // SECOND_NS
PORT = 4_444
PING, PONG = b"\x09\x00\x00\x01ping", b"\x09\x00\x00\x01pong"


def line(said, *, client=CLIENT, server=SERVER, port=PORT):
    """A connection that is opened and kept: (second, by the client?, bytes)."""
    there, back = {"sport": 40_000, "dport": port}, {"sport": port, "dport": 40_000}
    up, down = IP(src=client, dst=server), IP(src=server, dst=client)
    frames = [(0, frame(up, TCP(**there, flags="S"))), (0.01, frame(down, TCP(**back, flags="SA")))]
    for at, by_client, data in said:
        ends, ports = (up, there) if by_client else (down, back)
        frames.append((at, frame(ends, TCP(**ports, flags="PA" if data else "A"), data)))
    return frames


def beats(every_s=30, *, vary=0.0, until=LASTING_S + 120, ping=PING, pong=PONG):
    """One says something, the other answers, again and again."""
    said, at = [], 1.0
    while at < until:
        said += [(at, True, ping), (at + 0.05, False, pong)]
        at += every_s * (1 + RNG.uniform(-vary, vary))
    return said


@pytest.mark.parametrize(("every_s", "vary"), [(10, 0.0), (30, 0.2), (40, 0.1)])
def test_a_few_bytes_each_way_evenly_and_for_long_are_a_beacon(tmp_path, every_s, vary):
    (told,) = found(pcap(tmp_path / "x", line(beats(every_s, vary=vary))))

    assert (told.name, told.source_ip, told.targets[0].ip, told.targets[0].port) == ("beacon", CLIENT, SERVER, PORT)
    assert abs(told.counts["period_seconds"] - every_s) <= every_s / 10


def test_a_beacon_that_the_server_begins_and_one_that_brings_an_order_are_one_too(tmp_path):
    asked = [(at, not by_client, data) for at, by_client, data in beats()]
    order = [(400 + n * 0.1, False, bytes(1_200)) for n in range(BUSY + 4)]

    assert classes(pcap(tmp_path / "x", line(asked))) == {("beacon", CLIENT)}
    assert classes(pcap(tmp_path / "y", line(sorted([*beats(), *order])))) == {("beacon", CLIENT)}


@pytest.mark.parametrize("port", [443, 1883, 5222, 5938, 6667, 1194, 5672, 22], ids=str)
def test_services_that_keep_their_lines_alive_are_none(tmp_path, port):
    assert classes(pcap(tmp_path / "x", line(beats(), port=port))) == set()


@pytest.mark.parametrize(
    "said",
    [
        [(1, True, b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c"), *((at + 2, *rest) for at, *rest in beats())],
        [(1, True, b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"), *((at + 2, *rest) for at, *rest in beats())],
        [(1, False, b"SSH-2.0-x\r\n"), *((at + 2, *rest) for at, *rest in beats())],
        [(1, True, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), *((at + 2, *rest) for at, *rest in beats())],
        [(1, True, b"\3\0\0\x13\x0e\xe0" + bytes(13)), *((at + 2, *rest) for at, *rest in beats())],
        [(1, False, b"220 ready\r\n"), *((at + 2, *rest) for at, *rest in beats(ping=b"NOOP\r\n"))],
        beats(ping=b"\0", pong=b""),
        beats(pong=b""),
        beats(vary=0.9),
        beats(1),
        beats(until=LASTING_S - 60),
        beats(pong=bytes(1_400)),
        [(n * 30 + k * 0.01, False, bytes(1_200)) for n in range(40) for k in range(2 * BUSY)],
    ],
    ids=[
        "a broker of messages",
        "a page that is told news",
        "a shell that waits",
        "calls of programs",
        "a remote desktop",
        "a server of files",
        "probes of TCP",
        "a meter that nobody answers",
        "a chat",
        "a game",
        "not for long",
        "pictures",
        "a camera",
    ],
)
def test_what_else_is_kept_open_is_none(tmp_path, said):
    assert classes(pcap(tmp_path / "x", line(said))) == set()


def test_who_names_the_server_it_wants_by_tls_is_none_and_who_does_not_may_be_one(tmp_path):
    path = certificate(tmp_path)
    for name, told in (("chat.example", set()), (None, {("beacon", CLIENT)})):
        hello = segments(CLIENT, SERVER, spoken(path, name=name), port=8_443, after=0.1)
        frames = sorted([*line([(at + 2, *rest) for at, *rest in beats()], port=8_443), *hello])
        assert classes(pcap(tmp_path / "x", frames)) == told


def test_monitoring_inside_and_calls_from_outside_are_none(tmp_path):
    assert classes(pcap(tmp_path / "x", line(beats(), server="10.0.0.9"))) == set()
    assert classes(pcap(tmp_path / "y", line(beats(), client=ATTACKER, server=CLIENT))) == set()


DOWN, BACK = IP(src=SERVER, dst=CLIENT), {"sport": PORT, "dport": 40_000}


@pytest.mark.parametrize(
    "forged",
    [
        [(300, frame(DOWN, TCP(**BACK, flags="R", seq=99)))],
        [(300, frame(DOWN, TCP(**BACK, flags="FA", seq=99)))],
        [(300 + 600 * n, frame(DOWN, TCP(**BACK, flags="SA", seq=99))) for n in range(2)],
        [(300, frame(DOWN, TCP(**BACK, flags="PA"), b"HTTP"))],
        [(300 + n * 1e-3, frame(DOWN, TCP(**BACK, flags="PA"), bytes(100))) for n in range(600)],
        [(300 + n * 0.01, frame(DOWN, TCP(sport=PORT, dport=n, flags="SA"))) for n in range(LINES + 100)],
    ],
    ids=["a reset", "an end", "acceptance", "a word of another protocol", "a load", "others that are accepted"],
)
def test_nothing_that_is_easily_made_up_hides_a_beacon(tmp_path, forged):
    frames = sorted([*line(beats()), *forged], key=lambda one: one[0])
    detector = Heartbeat()

    told = [one.name for batch in batches(pcap(tmp_path / "x", frames), 16) for one in detector.take(batch)]

    assert told[:1] == ["beacon"]


def test_what_is_kept_of_connections_is_bounded(tmp_path):
    one = line([])[1][1]
    frames = [(n * 1e-4, one[:26] + bytes([203, n >> 16, n >> 8 & 255, n & 255]) + one[30:]) for n in range(LINES // 4)]

    assert retained(Heartbeat, pcap(tmp_path / "x", frames)) * 4 <= 8 << 20
