# SPDX-License-Identifier: Apache-2.0
import pytest
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6ND_NS

from giamsat_agent.packets.detectors.neighbour import DENIED, INSISTED, SWEPT, TAKEN
from support.capture import Ether, IPv6, classes, found, pcap

ROUTER, HOST, MINE = "fd00::1", "fd00::5", "fd00::9"
ROUTERS_MAC, MY_MAC, OTHER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:09", "02:00:00:00:10:66"


def asks(target, *, source=MINE, mac=MY_MAC):
    return bytes(
        Ether(src=mac, dst="33:33:ff:00:00:01") / IPv6(src=source, dst="ff02::1:ff00:1") / ICMPv6ND_NS(tgt=target)
    )


def claims(target, *, mac=MY_MAC, to=HOST):
    return bytes(
        Ether(src=mac, dst="02:00:00:00:00:05") / IPv6(src=target, dst=to) / ICMPv6ND_NA(tgt=target, R=0, S=1, O=1)
    )


def test_asking_for_address_after_address_is_a_sweep(tmp_path):
    frames = [(number * 0.1, asks(f"fd00::{number + 1:x}")) for number in range(SWEPT)]

    assert classes(pcap(tmp_path / "x", frames)) == {("host_discovery", MINE)}
    assert classes(pcap(tmp_path / "y", frames[1:])) == set()


def test_insisting_on_an_address_unasked_is_spoofing(tmp_path):
    (spoof,) = found(pcap(tmp_path / "x", [(number * 2, claims(ROUTER, to="ff02::1")) for number in range(INSISTED)]))

    assert (spoof.name, spoof.source_mac) == ("nd_spoof", MY_MAC)
    assert ROUTER in spoof.words[0]


def test_claiming_what_another_was_heard_to_bear_is_spoofing(tmp_path):
    known = [(0, asks(ROUTER, source=HOST)), (0.01, claims(ROUTER, mac=ROUTERS_MAC))]
    frames = [(20 + number * 30, claims(ROUTER)) for number in range(TAKEN)]

    assert [one.source_mac for one in found(pcap(tmp_path / "x", known + frames))] == [MY_MAC]
    assert classes(pcap(tmp_path / "y", frames)) == set()


@pytest.mark.parametrize("quicker", [True, False])
def test_who_answers_beside_the_host_that_was_meant_spoofs_be_he_quicker_or_not(tmp_path, quicker):
    frames = [(0, asks(ROUTER, source=HOST)), (0.01, claims(ROUTER, mac=ROUTERS_MAC))]
    for number in range(1, 2 * TAKEN):
        both = (claims(ROUTER, mac=OTHER_MAC), claims(ROUTER, mac=ROUTERS_MAC))
        frames += [
            (number * 10 + part * 0.01, raw)
            for part, raw in enumerate((asks(ROUTER, source=HOST), *(both if quicker else both[::-1])))
        ]

    told = found(pcap(tmp_path / "x", frames))

    assert [(one.name, one.source_mac) for one in told] == [("nd_spoof", OTHER_MAC)]
    assert ROUTERS_MAC in told[0].words[0]
    assert "unasked" not in told[0].words[1]


def rivals(*, lost=()):
    """Two that answer every question; of the second some answers are lost."""
    for number in range(2 * TAKEN):
        yield number * 10, asks(ROUTER, source=HOST)
        yield number * 10 + 0.01, claims(ROUTER, mac=OTHER_MAC)
        if number not in lost:
            yield number * 10 + 0.02, claims(ROUTER, mac=ROUTERS_MAC)


@pytest.mark.parametrize("lost", [(), (2, 5)])
def test_of_two_that_answered_from_the_beginning_neither_is_named_the_offender(tmp_path, lost):
    (one,) = found(pcap(tmp_path / "x", list(rivals(lost=lost))))

    assert (one.name, one.source_ip, one.source_mac) == ("nd_spoof", "", "")
    assert all(mac in words for mac in (OTHER_MAC, ROUTERS_MAC) for words in one.words)
    assert "unasked" not in one.words[1]
    assert [target.ip for target in one.targets] == [ROUTER]


def test_a_host_of_two_ports_that_answers_by_both_is_none(tmp_path):
    frames = [
        (number * 10 + part * 0.01, raw)
        for number in range(2 * TAKEN)
        for part, raw in enumerate(
            (asks(ROUTER, source=HOST), claims(ROUTER, mac=ROUTERS_MAC), claims(ROUTER, mac="02:00:00:00:00:02"))
        )
    ]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_a_fail_over_and_answers_that_were_asked_are_none(tmp_path):
    known = [(0, asks(ROUTER, source=HOST)), (0.01, claims(ROUTER, mac=ROUTERS_MAC))]
    taken_over = [(30 + number * 0.2, claims(ROUTER, to="ff02::1")) for number in range(5)]
    asked = [
        one
        for number in range(40)
        for one in ((60 + number * 5, asks(ROUTER, source=HOST)), (60.01 + number * 5, claims(ROUTER)))
    ]

    assert classes(pcap(tmp_path / "x", known + taken_over + asked)) == set()


def wanted(count, *, by=OTHER_MAC, every_s=10):
    """Hosts come up, each of which is told that somebody bears its address already."""
    hosts = [(f"fd00::{number + 1:x}", f"02:00:00:00:01:{number:02x}") for number in range(count)]
    return [
        (number * every_s + part, raw)
        for number, (address, mac) in enumerate(hosts)
        for part, raw in (
            (0, asks(address, source="::", mac=mac)),
            (0.01, claims(address, mac=by or mac, to="ff02::1")),
        )
    ]


def test_who_claims_whatever_others_want_to_bear_spoofs(tmp_path):
    (spoof,) = found(pcap(tmp_path / "x", wanted(DENIED)))

    assert (spoof.name, spoof.source_mac, len(spoof.targets)) == ("nd_spoof", OTHER_MAC, DENIED)


def test_a_few_that_bear_the_same_and_hosts_that_hear_themselves_are_none(tmp_path):
    assert classes(pcap(tmp_path / "x", wanted(DENIED - 1))) == set()
    assert classes(pcap(tmp_path / "y", wanted(4 * DENIED, every_s=200))) == set()
    assert classes(pcap(tmp_path / "z", wanted(4 * DENIED, by=None))) == set()


def test_bearers_that_answer_whoever_wants_their_addresses_are_none(tmp_path):
    known = [
        (number + part, raw)
        for number in range(DENIED)
        for part, raw in ((0, asks(f"fd00::{number + 1:x}")), (0.1, claims(f"fd00::{number + 1:x}", mac=OTHER_MAC)))
    ]

    assert classes(pcap(tmp_path / "x", known + [(20 + at, raw) for at, raw in wanted(DENIED)])) == set()
