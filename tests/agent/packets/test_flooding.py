# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from giamsat_agent.packets.flooding import LEAST, RESET, WORDS, frames_of, joined, kinds
from support.capture import CLIENT, IP, SERVER, TCP, batches, frame, pcap

UP, DOWN = IP(src=CLIENT, dst=SERVER), IP(src=SERVER, dst=CLIENT)


def test_data_is_looked_at_only_where_enough_is_reset(tmp_path):
    def of(resets):
        raws = [frame(UP, TCP(dport=80, flags="PA"), b"x")]
        raws += [frame(DOWN, TCP(sport=80, flags="R"))] * resets
        frames, addresses = zip(
            *((frames_of(one), one.addresses) for one in batches(pcap(tmp_path / "x", list(enumerate(raws))), 100)),
            strict=True,
        )
        return kinds(joined(list(frames)), addresses[0])

    enough = round(RESET * LEAST["stray_flood"])
    assert "stray_flood" not in of(enough - 1)
    assert of(enough)["stray_flood"].tolist() == [True] + [False] * enough


@pytest.mark.parametrize("chosen", [[True, True, False], [False, True, False], [True] * 3, [False] * 3])
def test_frames_are_parted_whether_or_not_they_lie_one_after_the_other(tmp_path, chosen):
    raws = [frame(UP, TCP(dport=port)) for port in range(3)]
    (one,) = batches(pcap(tmp_path / "x", list(enumerate(raws))), 100)

    parts = frames_of(one).parted(np.array(chosen))

    assert [part.destination_port.tolist() for part in parts] == [
        [port for port, is_chosen in enumerate(chosen) if is_chosen is wanted] for wanted in (True, False)
    ]


def test_every_kind_has_a_floor_and_words():
    assert LEAST.keys() == WORDS.keys()
