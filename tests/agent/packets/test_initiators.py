# SPDX-License-Identifier: Apache-2.0
import numpy as np

from giamsat_agent.packets.initiators import Callers
from support.capture import CLIENT, IP, SERVER, TCP, VICTIM, batches, frame, pcap


def test_who_begins_a_connection_is_seen_to_call_and_who_accepts_or_is_called_is_not(tmp_path):
    asks = frame(IP(src=CLIENT, dst=SERVER), TCP(sport=50_000, dport=443, flags="S"))
    accepts = frame(IP(src=SERVER, dst=VICTIM), TCP(sport=443, dport=50_000, flags="SA"))
    callers = Callers()

    for batch in batches(pcap(tmp_path / "x", [(0, asks), (1, accepts)]), 1):
        callers.hear(batch)

    hosts = np.array([int.from_bytes(bytes(map(int, ip.split(".")))) for ip in (CLIENT, SERVER, VICTIM)], np.uint64)
    assert callers.unseen(hosts).tolist() == [False, True, True]
