# SPDX-License-Identifier: Apache-2.0

import pytest

from giamsat_agent.packets.detectors.arp import INSISTED, UNASKED
from support.capture import ARP, Ether, classes, found, pcap

EVIL, HOST, ROUTER = "02:00:00:00:00:66", "02:00:00:00:00:05", "02:00:00:00:00:01"


def asks(target, mac=EVIL, ip="10.0.0.66"):
    return bytes(Ether(src=mac, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=mac, psrc=ip, pdst=target))


def says(ip, to, mac=EVIL):
    return bytes(Ether(src=mac, dst=HOST) / ARP(op=2, hwsrc=mac, psrc=ip, hwdst=HOST, pdst=to))


def test_unasked_answers_in_the_names_of_two_hosts_are_spoofing(tmp_path):
    frames = [
        (number, raw)
        for number in range(UNASKED)
        for raw in (says("10.0.0.1", "10.0.0.5"), says("10.0.0.5", "10.0.0.1"))
    ]

    (spoof,) = found(pcap(tmp_path / "x", frames))

    assert (spoof.name, spoof.source_mac) == ("arp_spoof", EVIL)


def test_answers_that_were_asked_for_are_none(tmp_path):
    frames = [
        (number + part, raw)
        for number in range(30)
        for part, raw in ((0, asks("10.0.0.1", HOST, "10.0.0.5")), (0.01, says("10.0.0.1", "10.0.0.5", ROUTER)))
    ]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_a_standby_that_announces_itself_is_none(tmp_path):
    announced = bytes(
        Ether(src=ROUTER, dst="ff:ff:ff:ff:ff:ff") / ARP(op=2, hwsrc=ROUTER, psrc="10.0.0.1", pdst="10.0.0.1")
    )

    assert classes(pcap(tmp_path / "x", [(number, announced) for number in range(20)])) == set()


def test_an_address_that_goes_to_and_fro_is_spoofing(tmp_path):
    frames = [(number * 10, says("10.0.0.1", "10.0.0.5", (EVIL, ROUTER)[number % 2])) for number in range(6)]

    assert "arp_spoof" in {one.name for one in found(pcap(tmp_path / "x", frames))}


def test_who_goes_by_one_address_and_claims_the_gateways_unasked_is_spoofing(tmp_path):
    frames = [(0, asks("10.0.0.5"))] + [(1 + number, says("10.0.0.1", "10.0.0.5")) for number in range(UNASKED)]

    assert {(one.name, one.source_mac) for one in found(pcap(tmp_path / "x", frames))} == {("arp_spoof", EVIL)}


def test_a_host_whose_askers_are_not_seen_answers_for_itself_and_is_none(tmp_path):
    frames = [(0, asks("10.0.0.1", HOST, "10.0.0.5"))] + [
        (1 + number, says("10.0.0.5", f"10.0.0.{number + 7}", HOST)) for number in range(30)
    ]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_a_host_of_several_addresses_whose_askers_are_not_seen_is_none_and_who_tells_again_and_again_spoofs(tmp_path):
    def answers(again_s):
        ends = [(f"10.0.0.{1 + number % 3}", f"10.0.0.{20 + number}") for number in range(8)]
        times = [(number + 0.3 * again_s * turn, *both) for turn in range(3) for number, both in enumerate(ends)]
        return [(at, says(owner, target, HOST)) for at, owner, target in sorted(times)]

    assert classes(pcap(tmp_path / "x", answers(100))) == set()
    assert {name for name, _ in classes(pcap(tmp_path / "y", answers(30)))} == {"arp_spoof"}


def test_many_addresses_of_one_host_of_which_a_sweep_is_heard_by_its_answers_alone_are_none(tmp_path):
    swept = [(number * 0.02, says(f"10.0.0.{number + 1}", "10.0.0.66", HOST)) for number in range(200)]

    assert classes(pcap(tmp_path / "x", swept)) == set()


def test_one_of_whom_nothing_is_known_and_who_insists_on_an_address_is_spoofing(tmp_path):
    for every, count in ((2, UNASKED), (5, INSISTED)):
        frames = [(number * every, says("10.0.0.1", "10.0.0.5")) for number in range(count)]

        assert {(one.name, one.source_mac) for one in found(pcap(tmp_path / "x", frames))} == {("arp_spoof", EVIL)}


def test_a_neighbour_that_is_asked_anew_out_of_sight_is_none(tmp_path):
    frames = [(number * 30, says("10.0.0.1", "10.0.0.5", ROUTER)) for number in range(3 * INSISTED)]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def announces(ip, mac, operation=2):
    return bytes(Ether(src=mac, dst="ff:ff:ff:ff:ff:ff") / ARP(op=operation, hwsrc=mac, psrc=ip, pdst=ip))


KNOWN = [(0, asks("10.0.0.1", HOST, "10.0.0.5")), (0.01, says("10.0.0.1", "10.0.0.5", ROUTER))]


@pytest.mark.parametrize("operation", [1, 2])
def test_who_goes_on_announcing_an_address_that_another_bears_spoofs(tmp_path, operation):
    frames = [(10 + number * 2, announces("10.0.0.1", EVIL, operation)) for number in range(INSISTED)]

    assert {(one.name, one.source_mac) for one in found(pcap(tmp_path / "x", KNOWN + frames))} == {("arp_spoof", EVIL)}


def test_a_fail_over_that_announces_itself_and_refreshes_is_none(tmp_path):
    at_once = [(10 + second + number * 0.1, announces("10.0.0.1", EVIL)) for second in (0, 5) for number in range(5)]
    refreshed = [(60 * number, announces("10.0.0.1", EVIL)) for number in range(1, 30)]

    assert classes(pcap(tmp_path / "x", sorted(KNOWN + at_once + refreshed))) == set()


def test_a_fail_over_that_announces_itself_in_bursts_is_none(tmp_path):
    bursts = [(10 + after + number * 0.01, announces("10.0.0.1", EVIL)) for after in (0, 5, 25) for number in range(5)]

    assert classes(pcap(tmp_path / "x", KNOWN + bursts)) == set()


def test_ports_of_one_machine_that_share_its_address_between_them_are_none(tmp_path):
    # As bonding does in mode balance-alb: each client is told, unasked, of the port that is to serve it.
    ports = [f"02:00:00:00:00:0{number}" for number in (1, 2, 3)]
    told = [
        (10 + turn * 10 + client * 0.01, says("10.0.0.1", f"10.0.0.{client + 5}", ports[(client + turn) % 3]))
        for turn in range(6)
        for client in range(8)
    ]
    joins = [(80 + number * 2, announces("10.0.0.1", ports[1])) for number in range(2 * INSISTED)]

    assert classes(pcap(tmp_path / "x", KNOWN + told + joins)) == set()


def test_questions_in_the_name_of_another_are_spoofing_and_those_of_who_took_its_place_are_none(tmp_path):
    frames = [(10 + number, asks("10.0.0.5", EVIL, "10.0.0.1")) for number in range(2 * INSISTED)]
    replaced = [(9, asks("10.0.0.1", HOST, "10.0.0.5")), (9.01, says("10.0.0.1", "10.0.0.5", EVIL))]

    assert {(one.name, one.source_mac) for one in found(pcap(tmp_path / "x", KNOWN + frames))} == {("arp_spoof", EVIL)}
    assert classes(pcap(tmp_path / "y", KNOWN + replaced + frames)) == set()


def test_questions_in_the_name_of_one_that_still_speaks_are_spoofing_though_they_were_announced(tmp_path):
    frames = [(10 + number, asks("10.0.0.5", EVIL, "10.0.0.1")) for number in range(INSISTED)]
    alive = [(12.5, asks("10.0.0.9", ROUTER, "10.0.0.1"))]
    announced = [(9, announces("10.0.0.1", EVIL, 1))]

    told = found(pcap(tmp_path / "x", sorted(KNOWN + announced + frames + alive)))

    assert {(one.name, one.source_mac) for one in told} == {("arp_spoof", EVIL)}
    assert ROUTER in told[0].words[0]
    assert classes(pcap(tmp_path / "y", KNOWN + announced + frames)) == set()


PROBED = [(number, asks("10.0.0.1", EVIL, "0.0.0.0")) for number in range(3)]
ANNOUNCED = [(3 + 2 * number, announces("10.0.0.1", EVIL, 1)) for number in range(2)]
ANOTHERS = [(8 + 20 * number, asks(f"10.0.0.{10 + number % 6}", EVIL, "10.0.0.1")) for number in range(9)]
OFTEN = [(8 + number, asks("10.0.0.5", EVIL, "10.0.0.1")) for number in range(3 * INSISTED)]


@pytest.mark.parametrize(
    ("after", "newcomer"),
    [
        pytest.param(86_400, PROBED + ANNOUNCED + ANOTHERS, id="a lease given to another a day later"),
        pytest.param(3_600, ANNOUNCED + OFTEN, id="a router that was replaced and asks for one that is off"),
        pytest.param(20, ANNOUNCED + ANOTHERS + OFTEN, id="a card that was changed at once and announced"),
        pytest.param(600, ANOTHERS + OFTEN, id="a laptop at another adapter"),
        pytest.param(10, ANOTHERS, id="another adapter at once, unannounced"),
    ],
)
def test_who_came_by_an_address_in_order_asks_as_it_likes(tmp_path, after, newcomer):
    frames = KNOWN + [(after + at, raw) for at, raw in newcomer]
    answered = [(after + 9, asks("10.0.0.1", HOST, "10.0.0.5")), (after + 9.1, says("10.0.0.1", "10.0.0.5"))]

    assert classes(pcap(tmp_path / "x", sorted(frames))) == set()
    assert classes(pcap(tmp_path / "y", sorted(frames + answered))) == set()


def test_a_laptop_that_goes_to_and_fro_between_adapters_is_none(tmp_path):
    frames = [
        (10 + 400 * turn + at, asks(f"10.0.0.{10 + int(at) % 6}", (EVIL, ROUTER)[turn % 2], "10.0.0.1"))
        for turn in range(6)
        for at in range(0, 390, 5)
    ]

    assert "arp_spoof" not in {name for name, _ in classes(pcap(tmp_path / "x", KNOWN + frames))}


def test_now_and_then_an_unasked_answer_for_an_address_that_another_bears_is_spoofing(tmp_path):
    frames = [(10 + number * 30, says("10.0.0.1", "10.0.0.5")) for number in range(UNASKED)]

    assert {one.source_mac for one in found(pcap(tmp_path / "x", KNOWN + frames))} == {EVIL}
    assert classes(pcap(tmp_path / "y", frames)) == set()


def test_answering_second_makes_nobody_the_bearer(tmp_path):
    frames = [(1 + number * 30, says("10.0.0.1", "10.0.0.5")) for number in range(UNASKED + 1)]

    assert {one.source_mac for one in found(pcap(tmp_path / "x", KNOWN + frames))} == {EVIL}
