# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.duration import LongConnection
from support.capture import CLIENT, IP, SERVER, START, TCP, batches, connection, found, frame, pcap


def talk(until_s, every_s, sport=40_000):
    up = frame(IP(src=CLIENT, dst=SERVER), TCP(sport=sport, dport=4_444, flags="PA"), b"x")
    down = frame(IP(src=SERVER, dst=CLIENT), TCP(sport=4_444, dport=sport, flags="PA"), b"y")
    return [(at + part, raw) for at in range(1, until_s, every_s) for part, raw in ((0, up), (0.1, down))]


def test_an_hour_without_a_pause_is_told_with_who_began_it(tmp_path):
    frames = [*connection(CLIENT, SERVER, 4_444, 0, closed=False), *talk(4_000, 60)]

    (long,) = found(pcap(tmp_path / "x", frames))

    assert (long.name, long.source_ip, long.targets[0].port) == ("long_connection", CLIENT, 4_444)
    assert long.counts["seconds"] >= 3_600


def test_the_same_ports_again_after_a_pause_are_another_connection(tmp_path):
    assert found(pcap(tmp_path / "x", talk(40_000, 1_800))) == ()


def test_a_new_connection_on_the_same_ports_begins_anew(tmp_path):
    frames = [one for begin in (0, 2_000) for one in connection(CLIENT, SERVER, 4_444, begin, closed=False)]
    frames += [(begin + at, raw) for begin in (0, 2_000) for at, raw in talk(1_900, 60)]

    assert found(pcap(tmp_path / "x", sorted(frames, key=lambda one: one[0]))) == ()


def test_a_beginning_that_nobody_accepts_does_not_end_an_open_connection(tmp_path):
    again = (2_000.5, frame(IP(src=CLIENT, dst=SERVER), TCP(sport=40_000, dport=4_444, flags="S")))
    frames = [*connection(CLIENT, SERVER, 4_444, 0, closed=False), *talk(4_000, 60), again]

    (long,) = found(pcap(tmp_path / "x", sorted(frames, key=lambda one: one[0])))

    assert (long.name, long.source_ip) == ("long_connection", CLIENT)


@pytest.mark.parametrize("at_once", [1, 3, 1_000])
def test_however_frames_come_what_goes_on_is_as_old_as_what_was_accepted_and_did_not_end(tmp_path, at_once):
    both = [connection(CLIENT, SERVER, 4_444, 0, closed=closed) for closed in (False, True)]
    open_, ended = ([*frames, *talk(4_000, 60)] for frames in both)

    def told(frames):
        detector = LongConnection()
        path = pcap(tmp_path / "x", sorted(frames, key=lambda one: one[0]))
        return [one.first_ns for batch in batches(path, at_once) for one in detector.take(batch)]

    assert told(open_)[0] // 1_000_000_000 == START
    assert told(ended)[0] // 1_000_000_000 > START
