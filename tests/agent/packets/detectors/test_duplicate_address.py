# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.duplicate_address import BORNE, STORM, TURNS
from support.capture import ARP, Dot1Q, Ether, found, pcap

ONE, OTHER, ASKER = "02:00:00:00:01:01", "06:00:00:00:02:02", "0a:00:00:00:03:03"
ALL = "ff:ff:ff:ff:ff:ff"
ADDRESS = "10.0.0.9"


def asks(mac, ip=ADDRESS, target="10.0.0.1", *tag):
    layers = Ether(src=mac, dst=ALL)
    for one in tag:
        layers = layers / one
    return bytes(layers / ARP(op=1, hwsrc=mac, psrc=ip, pdst=target))


def answers(mac, ip=ADDRESS):
    return bytes(Ether(src=mac, dst=ASKER) / ARP(op=2, hwsrc=mac, psrc=ip, hwdst=ASKER, pdst="10.0.0.7"))


def announces(mac, operation=1):
    return bytes(Ether(src=mac, dst=ALL) / ARP(op=operation, hwsrc=mac, psrc=ADDRESS, pdst=ADDRESS))


def told(tmp_path, frames):
    return [(one.name, one.source_ip) for one in found(pcap(tmp_path / "x", frames))]


def both_answer(times, one=ONE, other=OTHER, ip=ADDRESS):
    """Each question for the address is answered twice."""
    return [
        (number * 15 + part, raw)
        for number in range(times)
        for part, raw in (
            (0, asks(ASKER, "10.0.0.7", ip)),
            (0.01, answers(one, ip)),
            (0.02, answers(other, ip)),
        )
    ]


def test_two_that_answer_for_one_address_both_have_it(tmp_path):
    (duplicate,) = found(pcap(tmp_path / "x", both_answer(TURNS // 2 + 1)))

    assert (duplicate.name, duplicate.source_ip) == ("duplicate_address", ADDRESS)
    assert duplicate.counts["machines"] == 2
    assert all(mac in duplicate.words[0] for mac in (ONE, OTHER))


def test_two_that_ask_under_one_address_both_have_it(tmp_path):
    frames = [(number * 10, asks((ONE, OTHER)[number % 2])) for number in range(TURNS + 1)]

    assert told(tmp_path, frames) == [("duplicate_address", ADDRESS)]


@pytest.mark.parametrize(
    "frames",
    [
        [(number * 10, asks(ONE if number < 30 else OTHER)) for number in range(60)],
        [(number * 10, asks((ONE, OTHER, ONE)[number // 20])) for number in range(60)]
        + [(second + number * 0.1, announces(OTHER)) for second in (200, 205) for number in range(5)],
        [(number * 1.5, asks((ONE, OTHER)[number % 2])) for number in range(2 * TURNS)],
        [(number * 300, asks((ONE, OTHER)[number % 2])) for number in range(4 * TURNS)],
        both_answer(20, "00:07:b4:00:01:01", "00:07:b4:00:01:02"),
        both_answer(20, "00:00:5e:00:01:07", OTHER),
        both_answer(20, ONE, "02:00:00:00:01:02"),
        [
            (number * 10, asks((ONE, OTHER)[number % 2], ADDRESS, "10.0.0.1", Dot1Q(vlan=number % 2)))
            for number in range(40)
        ],
        [(number * 10, asks((ONE, OTHER)[number % 2], "0.0.0.0", ADDRESS)) for number in range(40)],
    ],
    ids=[
        "a new network card",
        "a fail-over and the way back",
        "a cluster that settles",
        "an address lent by the hour",
        "routers that share the load",
        "a virtual router and its bearer",
        "two ports of one machine",
        "two networks",
        "probes",
    ],
)
def test_an_address_that_passes_on_or_is_shared_by_right_is_none(tmp_path, frames):
    assert told(tmp_path, sorted(frames)) == []


def test_a_router_that_answers_for_its_hosts_is_none(tmp_path):
    frames = [(0, asks(ONE, f"10.0.1.{number}")) for number in range(1, BORNE + 2)]

    assert told(tmp_path, frames + both_answer(20)) == []


@pytest.mark.parametrize("operation", [1, 2])
def test_one_that_announces_itself_without_end_storms(tmp_path, operation):
    frames = [(number * 0.1, announces(ONE, operation)) for number in range(STORM)]

    assert told(tmp_path, frames) == [("arp_storm", ADDRESS)]


def test_announcements_at_every_second_are_no_storm(tmp_path):
    frames = [(second + part * 0.01, announces(ONE)) for second in range(60) for part in range(5)]

    assert told(tmp_path, frames) == []
