# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.flood import LEAST, NAMED, REFLECTORS, SERVERS, STREAMS
from support.capture import ATTACKER, CLIENT, ICMP, IP, SERVER, TCP, UDP, VICTIM, classes, found, frame, pcap


def spread(raws):
    """Within one second, in order."""
    return [(number / (len(raws) + 1), raw) for number, raw in enumerate(raws)]


def test_syns_to_one_service_that_are_never_acknowledged_are_a_flood(tmp_path):
    raws = [
        frame(
            IP(src=f"10.{number % 250}.{number // 250}.7", dst=VICTIM), TCP(sport=1_024 + number, dport=80, flags="S")
        )
        for number in range(LEAST["syn_flood"])
    ]

    (flood,) = [one for one in found(pcap(tmp_path / "x", spread(raws))) if one.name == "flood"]

    assert flood.targets[0].ip == VICTIM
    assert flood.counts["packets"] == LEAST["syn_flood"]


def test_a_busy_service_whose_clients_go_on_is_not_flooded(tmp_path):
    raws = []
    for number in range(LEAST["syn_flood"]):
        ends = IP(src=f"10.{number % 250}.{number // 250}.7", dst=VICTIM)
        raws += [frame(ends, TCP(sport=1_024 + number, dport=80, flags=flags)) for flags in ("S", "A", "PA")]

    assert "flood" not in {name for name, _ in classes(pcap(tmp_path / "x", spread(raws)))}


def test_pings_by_the_hundred_are_a_flood(tmp_path):
    raws = [frame(IP(src=ATTACKER, dst=VICTIM), ICMP(type=8), bytes(56))] * LEAST["icmp_flood"]

    assert ("flood", ATTACKER) in classes(pcap(tmp_path / "x", spread(raws)))


def test_a_stream_that_is_answered_is_no_flood(tmp_path):
    down = frame(IP(src=SERVER, dst=CLIENT), UDP(sport=443, dport=50_000), bytes(1_200))
    up = frame(IP(src=CLIENT, dst=SERVER), UDP(sport=50_000, dport=443), bytes(30))

    assert classes(pcap(tmp_path / "x", spread(([down] * 20 + [up]) * (LEAST["udp_flood"] // 20)))) == set()


def test_a_few_segments_to_other_ports_hide_no_flood(tmp_path):
    raws = [
        frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=1_024 + number, dport=80, flags="S"))
        for number in range(2 * LEAST["syn_flood"])
    ]
    raws += [
        frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=1_024, dport=8_000 + number, flags="S")) for number in range(30)
    ]

    assert ("flood", ATTACKER) in classes(pcap(tmp_path / "x", spread(raws)))


@pytest.mark.parametrize("port", REFLECTORS)
def test_each_amplifying_protocol_is_known_however_few_servers_are_misused(tmp_path, port):
    ends = [(f"192.0.2.{number % 3 + 1}", number) for number in range(NAMED)]
    raws = [frame(IP(src=server, dst=VICTIM), UDP(sport=port, dport=4_444), bytes(450)) for server, _ in ends]

    assert {name for name, _ in classes(pcap(tmp_path / "x", spread(raws)))} == {"amplification"}


def test_a_resolver_that_asked_is_not_hit_by_its_answers(tmp_path):
    ask = frame(IP(src=VICTIM, dst=SERVER), UDP(sport=4_444, dport=53), bytes(40))
    answer = frame(IP(src=SERVER, dst=VICTIM), UDP(sport=53, dport=4_444), bytes(900))

    assert classes(pcap(tmp_path / "x", spread([ask, answer] * (2 * NAMED)))) == set()


def test_acknowledgements_of_no_connection_are_a_flood_and_those_of_downloads_are_none(tmp_path):
    least = LEAST["ack_flood"]
    attack = [
        frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=1_024 + number, dport=80, flags="A")) for number in range(least)
    ]
    downloads = [
        frame(IP(src=CLIENT, dst=VICTIM), TCP(sport=1_024 + number % 50, dport=80, flags="A"))
        for number in range(2 * least)
    ]

    assert ("flood", ATTACKER) in classes(pcap(tmp_path / "x", spread(attack)))
    assert classes(pcap(tmp_path / "y", spread(downloads))) == set()


@pytest.mark.parametrize("port", STREAMS)
def test_amplifiers_that_also_carry_calls_and_tunnels_are_told_when_many_answer_at_once(tmp_path, port):
    def answers(servers):
        ends = [IP(src=f"192.0.2.{number % servers + 1}", dst=VICTIM) for number in range(2 * NAMED)]
        return spread([frame(one, UDP(sport=port, dport=4_444), bytes(450)) for one in ends])

    assert {name for name, _ in classes(pcap(tmp_path / "x", answers(SERVERS)))} == {"amplification"}
    assert classes(pcap(tmp_path / "y", answers(SERVERS - 1))) == set()


@pytest.mark.parametrize(("flags", "kind"), [("SA", "syn_ack_flood"), ("R", "rst_flood"), ("RA", "rst_flood")])
def test_answers_to_a_host_that_asked_nothing_are_a_flood_even_if_it_resets_them(tmp_path, flags, kind):
    raws = [
        raw
        for number in range(LEAST[kind])
        for raw in (
            frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=80, dport=1_024 + number, flags=flags)),
            frame(IP(src=VICTIM, dst=ATTACKER), TCP(sport=1_024 + number, dport=80, flags="R")),
        )[: 2 if flags == "SA" else 1]
    ]

    assert ("flood", ATTACKER) in classes(pcap(tmp_path / "x", spread(raws)))


@pytest.mark.parametrize(("flags", "kind"), [("SA", "syn_ack_flood"), ("RA", "rst_flood")])
def test_answers_that_were_asked_for_and_backscatter_to_many_hosts_are_no_flood(tmp_path, flags, kind):
    asked = [
        raw
        for number in range(2 * LEAST[kind])
        for raw in (
            frame(IP(src=CLIENT, dst=SERVER), TCP(sport=1_024 + number, dport=80, flags="S")),
            frame(IP(src=SERVER, dst=CLIENT), TCP(sport=80, dport=1_024 + number, flags=flags)),
        )
    ]
    backscatter = [
        frame(IP(src=VICTIM, dst=f"10.{number % 250}.{number // 250}.7"), TCP(sport=80, dport=5_000, flags=flags))
        for number in range(2 * LEAST[kind])
    ]

    hit = {one.targets[0].ip for one in found(pcap(tmp_path / "x", spread(asked))) if one.name == "flood"}
    assert CLIENT not in hit
    assert classes(pcap(tmp_path / "y", spread(backscatter))) == set()
