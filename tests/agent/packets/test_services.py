# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.scan_thresholds import HOSTS_A_MINUTE, PORTS_AT_ONCE
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


@pytest.mark.parametrize(
    ("group", "port"), [("239.255.255.250", 1_900), ("239.255.255.250", 3_702), ("10.0.0.255", 161)]
)
@pytest.mark.parametrize("moves", [False, True], ids=["from the port that was called", "from one of its own"])
def test_devices_that_answer_who_calls_them_all_are_none_and_who_was_not_called_is(tmp_path, group, port, moves):
    def answered(rounds, source="10.0.0.{0}"):
        return [
            (number * 5 + device * 0.01 + 0.1, says(
                source.format(100 + device), 50_000 + number if moves else port, CLIENT, 40_000 + number, bytes(300)))
            for number in range(rounds) for device in range(20)
        ]  # fmt: skip

    calls = [(number * 5, says(CLIENT, 40_000 + number, group, port)) for number in range(40)]
    scan = [(number * 0.2, says(ATTACKER, 50_000, CLIENT, 2_000 + number)) for number in range(PORTS_AT_ONCE)]

    assert classes(pcap(tmp_path / "x", sorted(calls + answered(40)))) == set()
    assert classes(pcap(tmp_path / "y", sorted(calls + answered(40) + scan))) == {("scan_udp", ATTACKER)}


@pytest.mark.parametrize(("group", "port"), [("10.0.7.255", 137), ("224.0.0.251", 5_353), ("239.255.255.250", 1_900)])
def test_announcing_a_service_to_all_hides_no_scan_of_its_port(tmp_path, group, port):
    hosts = [f"10.0.7.{number + 1}" for number in range(2 * HOSTS_A_MINUTE)]
    announced = [(number * 0.01, says(host, port, group, port)) for number, host in enumerate(hosts)]
    scan = [(5 + number * 0.2, says(ATTACKER, 50_000, host, port)) for number, host in enumerate(hosts)]

    assert classes(pcap(tmp_path / "x", announced + scan)) == {("host_discovery", ATTACKER)}
