# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.flow_minutes import MINUTE_NS
from giamsat_agent.packets.telling.report import FlowMinute, Sighted
from giamsat_agent.packets.traffic import Traffic
from giamsat_agent.packets.uploads import HOUR_NS, LEARNT
from support.capture import ARP, IP, START, UDP, Ether, batches, frame, pcap

NS = 1_000_000_000
DESK, OUTSIDE = "10.0.0.5", "203.0.113.7"


def seen(path, *, sightings, frames, after=0):
    its = Traffic("eth0", sightings=sightings, flow_bytes=8_192)
    list(its.due((START + after) * NS))
    for batch in batches(pcap(path, frames), 1 << 16):
        for observer in its.observers:
            observer.take(batch)
    return its


@pytest.mark.parametrize(("sightings", "kinds"), [(True, {Sighted, FlowMinute}), (False, {FlowMinute})])
def test_hosts_are_told_if_wanted_and_flows_always(tmp_path, sightings, kinds):
    asks = bytes(
        Ether(src="02:00:00:00:00:05", dst="ff:ff:ff:ff:ff:ff")
        / ARP(hwsrc="02:00:00:00:00:05", psrc=DESK, pdst="10.0.0.1")
    )
    its = seen(tmp_path / "x", sightings=sightings, frames=[(1, asks)])

    assert {type(one) for one in its.due((START + 61) * NS)} == kinds


def test_who_sends_out_far_more_than_ever_is_told_with_the_minute_that_shows_it(tmp_path):
    its = Traffic("eth0", sightings=False, flow_bytes=8_192)
    now_ns = START * NS

    def send(packets):
        raw = frame(IP(src=DESK, dst=OUTSIDE, len=65_000), UDP(sport=5_000, dport=443))
        for batch in batches(pcap(tmp_path / "x", [(0, raw)] * packets), 1 << 16):
            for observer in its.observers:
                observer.take(batch)

    list(its.due(now_ns))
    for _ in range(LEARNT + 1):
        now_ns += HOUR_NS
        send(1)
        assert not any(isinstance(one, Anomaly) for one in its.due(now_ns))
    send(2_000)
    told = list(its.due(now_ns + MINUTE_NS))

    assert [type(one) for one in told] == [FlowMinute, Anomaly]
    assert (told[1].source_ip, told[1].counts["megabytes"], its.evicted) == (DESK, 130, 0)
