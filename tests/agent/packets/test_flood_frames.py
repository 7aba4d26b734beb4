# SPDX-License-Identifier: Apache-2.0
from dataclasses import fields

import numpy as np
import pytest

from giamsat_agent.packets.flood_frames import Ends, Frames, Gathered, frames_of
from support.capture import CLIENT, IP, SERVER, TCP, batches, frame, pcap

UP, DOWN = IP(src=CLIENT, dst=SERVER), IP(src=SERVER, dst=CLIENT)


def told(path, raws, at_once=100):
    """What is kept of these frames, a second after the other, batch by batch."""
    return [frames_of(batch) for batch in batches(pcap(path, list(enumerate(raws))), at_once)]


def ports(frames):
    return frames.destination_port.tolist()


@pytest.mark.parametrize("chosen", [[True, True, False], [False, True, False], [True] * 3, [False] * 3])
def test_frames_are_parted_whether_or_not_they_lie_one_after_the_other(tmp_path, chosen):
    raws = [frame(UP, TCP(dport=port)) for port in range(3)]
    (one,) = batches(pcap(tmp_path / "x", list(enumerate(raws))), 100)

    parts = frames_of(one).parted(np.array(chosen))

    assert [part.destination_port.tolist() for part in parts] == [
        [port for port, is_chosen in enumerate(chosen) if is_chosen is wanted] for wanted in (True, False)
    ]


@pytest.mark.parametrize("most", [0, 6, 100])
def test_what_is_gathered_is_every_column_of_every_batch(tmp_path, most):
    pieces = told(
        tmp_path / "x", [frame(UP, TCP(sport=port, dport=65_535 - port), bytes(port)) for port in range(9)], 4
    )
    gathered = Gathered(most)
    for piece in pieces:
        gathered.add(piece)

    for column in fields(Frames):
        expected = np.concatenate([getattr(piece, column.name) for piece in pieces])
        assert getattr(gathered.frames, column.name).tolist() == expected.tolist()


def test_a_part_of_what_is_gathered_may_take_the_place_of_all(tmp_path):
    gathered = Gathered(100)
    for piece in told(tmp_path / "x", [frame(UP, TCP(dport=port)) for port in range(9)]):
        gathered.add(piece)
    for begin, left in ((2, list(range(2, 9))), (3, list(range(5, 9))), (4, [])):
        gathered.begin(gathered.frames.those(slice(begin, None)))

        assert ports(gathered.frames) == left


def test_what_a_host_sent_and_received_is_that_of_the_same_second(tmp_path):
    raws = [frame(DOWN, TCP(dport=1)), frame(UP, TCP(dport=2)), frame(DOWN, TCP(dport=3)), frame(DOWN, TCP(dport=4))]
    path = pcap(tmp_path / "x", list(zip((0, 0.1, 0.2, 1), raws, strict=True)))
    (batch,) = batches(path, 100)
    ends = Ends(frames_of(batch))

    assert (ports(ends.sent(0)), ports(ends.received(0))) == ([2], [1, 3])
    assert (ports(ends.sent(1)), ports(ends.received(1))) == ([1, 3], [2])
    assert (ports(ends.sent(3)), ports(ends.received(3))) == ([], [4])
