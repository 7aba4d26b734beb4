# SPDX-License-Identifier: Apache-2.0
import numpy as np

from giamsat_agent.packets.followed_connections import Followed, keys_of
from support.capture import CLIENT, IP, SERVER, TCP, batches, frame, pcap


def test_a_connection_is_one_in_both_directions_and_is_followed_until_it_is_dropped(tmp_path):
    ends = ((CLIENT, 4_000, SERVER, 80), (SERVER, 80, CLIENT, 4_000), (CLIENT, 4_001, SERVER, 80))
    raws = [frame(IP(src=a, dst=b), TCP(sport=p, dport=q)) for a, p, b, q in ends]
    (batch,) = batches(pcap(tmp_path / "x", list(enumerate(raws))), 10)
    keys, followed = keys_of(batch, np.arange(3)), Followed()

    assert keys[0] == keys[1] != keys[2]
    followed.add(keys[:1])
    assert followed.among(keys).tolist() == [True, True, False]
    followed.drop(keys[2:])
    assert followed.among(keys).tolist() == [True, True, False]
    followed.drop(keys[1:2])
    assert not followed.among(keys).any()
