# SPDX-License-Identifier: Apache-2.0
import sys

import pytest

from giamsat_agent.packets.detectors.exhaustion import IDLE_NS, LEAST, Exhaustion
from support.capture import ATTACKER, CLIENT, IP, SERVER, TCP, batches, classes, found, frame, pcap

IDLE = IDLE_NS / 1e9
BEGUN = b"GET / HTTP/1.1\r\nHost: x\r\nX-a: b\r\n"

BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\na=b"
CHUNKS = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


def held(count, *, port=80, said=BEGUN, answer=None, accepted=True, clients=(ATTACKER,), ends_after=None, more=None):
    """Connections that are opened within three seconds, and one frame of another host after they have waited."""
    frames = []
    for number in range(count):
        client, at = clients[number % len(clients)], number * 3 / count
        up, down = IP(src=client, dst=SERVER), IP(src=SERVER, dst=client)
        there, back = {"sport": 20_000 + number, "dport": port}, {"sport": port, "dport": 20_000 + number}
        frames += [(at, frame(up, TCP(**there, flags="S"))), (at, frame(down, TCP(**back, flags="SA")))]
        if accepted:
            frames.append((at, frame(up, TCP(**there, flags="A"))))
        if said:
            frames.append((at + 0.01, frame(up, TCP(**there, flags="PA"), said)))
        if more:
            frames.append((at + 10, frame(up, TCP(**there, flags="PA"), more)))
        if answer:
            frames.append((at + 0.02, frame(down, TCP(**back, flags="PA"), answer)))
        if ends_after:
            frames.append((at + ends_after, frame(up, TCP(**there, flags="FA"))))
    for after in (IDLE + 3, IDLE + 10):
        frames.append((after, frame(IP(src=CLIENT, dst="10.0.0.9"), TCP(sport=9, dport=22, flags="A"))))
    return sorted(frames, key=lambda one: one[0])


@pytest.mark.parametrize(
    "how",
    [
        {"more": b"X-c: d\r\n"},
        {"said": b""},
        {"port": 443, "said": b""},
        {"port": 8_042},
        {"said": BODY, "more": b"c"},
        {"said": CHUNKS, "more": b"1\r\nc\r\n"},
    ],
    ids=["requests that never end", "nothing said", "nothing said to TLS", "on another port", "a body", "chunks"],
)
def test_connections_that_keep_a_server_waiting_are_told(tmp_path, how):
    frames = held(LEAST + 10, **how)

    (one,) = found(pcap(tmp_path / "x", frames))

    assert (one.name, one.source_ip, one.targets[0].ip) == ("connection_exhaustion", ATTACKER, SERVER)
    # Two connections whose keyed hashes meet are one: that happens to one of these in eleven runs.
    assert LEAST + 7 <= one.counts["connections"] <= LEAST + 10
    assert one.counts["sources"] == 1
    assert one.frames


def test_many_hosts_that_do_so_together_are_counted(tmp_path):
    clients = [f"203.0.113.{number}" for number in range(1, 41)]

    (one,) = found(pcap(tmp_path / "x", held(LEAST + 10, clients=clients)))

    assert one.counts["connections"] >= LEAST + 7
    assert one.counts["sources"] == 40


@pytest.mark.parametrize(
    "how",
    [
        {"said": BEGUN + b"\r\n"},
        {"said": BODY + bytes(1_000), "more": bytes(1_400)},
        {"said": BODY.replace(b"9000", b"4"), "more": b"c"},
        {"said": BODY.replace(b"9000", b"3")},
        {"said": CHUNKS, "more": b"1\r\nc\r\n0\r\n\r\n"},
        {"answer": b"HTTP/1.1 200 OK\r\n\r\n"},
        {"ends_after": 5},
        {"accepted": False, "said": b""},
        {"port": 5_432, "said": b""},
        {"port": 514, "said": b"<34>Oct 11 host su: failed\n"},
        {"port": 80, "said": b"\x00\x01binary"},
    ],
    ids=[
        "a request that is whole waits for the server",
        "a body on a slow line",
        "a body that is whole",
        "a body that came at once",
        "chunks that are whole",
        "one that is answered",
        "a browser that connected ahead and gave up",
        "never accepted: a flood",
        "a database's pool",
        "records that nobody answers",
        "another protocol",
    ],
)
def test_connections_that_are_used_or_wait_for_the_server_are_not(tmp_path, how):
    assert "connection_exhaustion" not in {name for name, _ in classes(pcap(tmp_path / "x", held(LEAST + 10, **how)))}


def test_a_few_are_not(tmp_path):
    assert classes(pcap(tmp_path / "x", held(LEAST - 1))) == set()


def test_connections_to_hundreds_of_servers_are_judged_at_once(tmp_path):
    def calls(servers):
        """How many functions run while the connections of so many servers are judged."""
        frames, counted = [], []
        for number in range(servers):
            server = f"10.1.{number >> 8}.{number & 255}"
            ends = {"sport": 80, "dport": 40_000}, {"sport": 40_000, "dport": 80}
            frames.append((0, frame(IP(src=server, dst=CLIENT), TCP(**ends[0], flags="SA"))))
            frames.append((1, frame(IP(src=CLIENT, dst=server), TCP(**ends[1], flags="A"))))
        frames.append((IDLE + 10, frame(IP(src=CLIENT, dst=SERVER), TCP(sport=9, dport=22, flags="A"))))
        opened, last = batches(pcap(tmp_path / "x", sorted(frames)), 2 * servers)
        its = Exhaustion()
        assert list(its.take(opened)) == []
        sys.setprofile(lambda _, event, __: counted.append(event))
        try:
            assert list(its.take(last)) == []
        finally:
            sys.setprofile(None)
        return len(counted)

    assert calls(400) < 2 * calls(LEAST)
