# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.scanning import HOSTS_A_MINUTE, PORTS_AT_ONCE
from support.capture import ATTACKER, CLIENT, IP, SERVER, UDP, VICTIM, classes, frame, pcap


def says(source, own, target, port, data=bytes(40)):
    return frame(IP(src=source, dst=target), UDP(sport=own, dport=port), data)


def asked(client, count=3):
    """A client and its resolver."""
    return [
        (number * 0.5 + step * 0.01, raw)
        for number in range(count)
        for step, raw in enumerate(
            (says(client, 50_000 + number, "10.0.0.1", 53), says("10.0.0.1", 53, client, 50_000 + number))
        )
    ]


@pytest.mark.parametrize("own", [53, 5_060, 1_194])
def test_a_udp_scan_without_data_from_a_service_s_own_port_is_told_from_the_answers_of_that_service(tmp_path, own):
    ends = IP(src=ATTACKER, dst=VICTIM)
    scan = [(number * 0.2, frame(ends, UDP(sport=own, dport=2_000 + number))) for number in range(PORTS_AT_ONCE)]
    answers = [
        (number * 0.2, frame(IP(src="192.0.2.53", dst=CLIENT), UDP(sport=own, dport=2_000 + number), bytes(40)))
        for number in range(100)
    ]

    assert classes(pcap(tmp_path / "x", scan)) == {("scan_udp", ATTACKER)}
    assert classes(pcap(tmp_path / "y", answers)) == set()


@pytest.mark.parametrize("own", [53, 123, 443, 500])
def test_data_from_the_port_of_a_service_that_nobody_asked_is_a_scan_where_questions_are_seen(tmp_path, own):
    ports = [(number * 0.2, says(ATTACKER, own, VICTIM, 2_000 + number)) for number in range(2 * PORTS_AT_ONCE)]
    hosts = [
        one
        for number in range(2 * HOSTS_A_MINUTE)
        for host in (f"10.0.7.{number + 1}",)
        for one in (*asked(host), (5 + number * 0.2, says(ATTACKER, own, host, 1_900)))
    ]

    assert classes(pcap(tmp_path / "x", sorted(asked(VICTIM) + ports))) == {("scan_udp", ATTACKER)}
    assert classes(pcap(tmp_path / "y", sorted(hosts))) == {("host_discovery", ATTACKER)}


@pytest.mark.parametrize("own", [53, 123, 4_500])
def test_answers_to_who_asked_are_none_however_late_and_many(tmp_path, own):
    frames = [
        (number * 3 + step * 2.5, raw)
        for number in range(4 * PORTS_AT_ONCE)
        for step, raw in enumerate(
            (says(CLIENT, 2_000 + number, SERVER, own), says(SERVER, own, CLIENT, 2_000 + number, bytes(99)))
        )
    ]

    assert classes(pcap(tmp_path / "x", sorted(asked(CLIENT) + frames))) == set()
