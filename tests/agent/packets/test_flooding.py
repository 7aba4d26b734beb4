# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.flooding import LEAST, RESET, WORDS, kinds
from giamsat_agent.packets.gathered import frames_of
from support.capture import CLIENT, IP, SERVER, TCP, batches, frame, pcap

UP, DOWN = IP(src=CLIENT, dst=SERVER), IP(src=SERVER, dst=CLIENT)


def test_data_is_looked_at_only_where_enough_is_reset(tmp_path):
    def of(resets):
        raws = [frame(UP, TCP(dport=80, flags="PA"), b"x")]
        raws += [frame(DOWN, TCP(sport=80, flags="R"))] * resets
        (batch,) = batches(pcap(tmp_path / "x", list(enumerate(raws))), 1_000)
        return kinds(frames_of(batch), batch.addresses)

    enough = round(RESET * LEAST["stray_flood"])
    assert "stray_flood" not in of(enough - 1)
    assert of(enough)["stray_flood"].tolist() == [True] + [False] * enough


def test_every_kind_has_a_floor_and_words():
    assert LEAST.keys() == WORDS.keys()
