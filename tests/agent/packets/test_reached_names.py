# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.detector import Room
from giamsat_agent.packets.reached_names import Reached
from support.capture import CLIENT, DNS, DNSQR, DNSRR, IP, SERVER, TCP, UDP, batches, frame, pcap

NAME = "xj4k.ads.example"


def test_a_name_is_a_hosts_once_its_address_answered_be_it_in_the_same_frames_or_later(tmp_path):
    record = DNSRR(rrname=NAME, type="A", rdata="192.0.2.9")
    answer = frame(IP(src=SERVER, dst=CLIENT), UDP(sport=53, dport=50_000), DNS(qr=1, qd=DNSQR(qname=NAME), an=record))
    call = frame(IP(src=CLIENT, dst="192.0.2.9"), TCP(sport=50_001, dport=443, flags="S"))
    taken = frame(IP(src="192.0.2.9", dst=CLIENT), TCP(sport=443, dport=50_001, flags="SA"))
    other = frame(IP(src="192.0.2.9", dst="10.0.0.77"), TCP(sport=443, dport=50_001, flags="SA"))
    path = pcap(tmp_path / "x", [(0, answer), (1, other), (2, call), (3, taken)])
    unanswered = pcap(tmp_path / "y", [(0, answer), (1, other), (2, call)])

    for at_once in (1, 4):
        reached, asked = Reached(Room()), None
        for batch in batches(path, at_once):
            reached.take(batch, list(batch.dns))
            asked = (int(batch.destination[-1]), hash(NAME))
        assert asked in reached
        assert (asked[0] + 1, hash(NAME)) not in reached

        reached = Reached(Room())
        assert [one for batch in batches(unanswered, at_once) for one in reached.take(batch, list(batch.dns))] == []
