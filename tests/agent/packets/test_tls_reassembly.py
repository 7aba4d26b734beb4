# SPDX-License-Identifier: Apache-2.0
import random
import ssl

import pytest

from giamsat_agent.packets.payloads.handshake import ClientGreeting, ServerCertificate, ServerGreeting
from giamsat_agent.packets.tls_reassembly import OPEN, STREAM_BYTES, WAIT_NS, Greetings
from support.capture import CLIENT, SERVER, batches, pcap, retained
from support.handshakes import certificate, segments, spoken

WHOLE = [ClientGreeting, ServerGreeting, ServerCertificate]


@pytest.fixture(scope="module")
def turns(tmp_path_factory):
    return spoken(certificate(tmp_path_factory.mktemp("tls")), alpn=("h2",))


def heard(path, at_once=4_096):
    greetings = Greetings()
    return [one for batch in batches(path, at_once) for one in greetings.joined(batch).greetings]


def kinds(frames, path):
    return [type(one) for one in heard(pcap(path, frames))]


@pytest.mark.parametrize("most", [1_460, 500, 60])
@pytest.mark.parametrize("at_once", [1, 7, 4_096])
def test_a_handshake_is_heard_however_it_is_cut(turns, tmp_path, most, at_once):
    got = heard(pcap(tmp_path / "x", segments(CLIENT, SERVER, turns, most=most)), at_once)

    assert [type(one) for one in got] == WHOLE
    assert {one.ends[2:] for one in got} == {(40_000, 443)}
    assert got[0].ja4 == heard(pcap(tmp_path / "y", segments(CLIENT, SERVER, turns)))[0].ja4
    assert [one.server_name for one in got[1:]] == ["dichvucong.example"] * 2


def test_segments_may_come_twice_and_out_of_order_after_the_first(turns, tmp_path):
    frames = segments(CLIENT, SERVER, turns[:2], most=150)
    ups = len(segments(CLIENT, SERVER, turns[:1], most=150))
    rng = random.Random(5)
    mixed = [
        frames[0],
        *rng.sample(frames[1:ups], ups - 1),
        frames[ups],
        *rng.sample(frames[ups + 1 :], len(frames) - ups - 1),
    ]
    again = [(number * 0.001, raw) for number, (_, raw) in enumerate(one for one in mixed for _ in range(2))]

    assert kinds(again, tmp_path / "x") == WHOLE


def test_what_does_not_come_is_not_waited_for_and_not_made_up(turns, tmp_path):
    frames = segments(CLIENT, SERVER, turns[:1], most=200)
    late = [frames[0], *((at + 2 * WAIT_NS / 1e9, raw) for at, raw in frames[1:])]

    assert kinds(frames[:-1], tmp_path / "x") == []
    assert kinds([frames[0], *frames[2:]], tmp_path / "y") == []
    assert kinds(late, tmp_path / "z") == []


def test_tls_1_3_hides_the_certificate(tmp_path):
    turns = spoken(certificate(tmp_path), version=ssl.TLSVersion.TLSv1_3)

    assert kinds(segments(CLIENT, SERVER, turns), tmp_path / "x") == [ClientGreeting, ServerGreeting]


def test_hellos_that_never_end_take_no_more_room_than_is_set(tmp_path):
    # A record that says it is as long as can be, and segments that go on and on, from ever new ends.
    endless = segments(CLIENT, SERVER, [(True, b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc" + bytes(12_000))])
    frames = [
        (number / 1_000, raw[:34] + number.to_bytes(2) + raw[36:]) for number in range(2 * OPEN) for _, raw in endless
    ]

    class Hearing:
        def __init__(self):
            self.greetings = Greetings()

        def take(self, batch):
            return self.greetings.joined(batch).greetings

    held = retained(Hearing, pcap(tmp_path / "x", frames))

    assert OPEN * 6_000 < held < OPEN * (STREAM_BYTES + 4_096)
