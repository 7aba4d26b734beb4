# SPDX-License-Identifier: Apache-2.0
import pytest
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6ParamProblem

from giamsat_agent.packets.detectors.discovery import HOSTS, NODES, PROTOCOLS
from support.capture import ATTACKER, CLIENT, ICMP, IP, VICTIM, IPv6, classes, found, frame, pcap

DATA = bytes(56)


def echo(target, data=DATA, source=ATTACKER):
    return frame(IP(src=source, dst=target), ICMP(type=8), data)


def reply(target, data=DATA, source=CLIENT):
    return frame(IP(src=target, dst=source), ICMP(type=0), data)


def test_address_after_address_is_a_sweep_though_all_answer(tmp_path):
    frames = [
        (number * 0.1, raw)
        for number in range(HOSTS)
        for raw in (echo(f"10.0.0.{number + 1}", source=CLIENT), reply(f"10.0.0.{number + 1}"))
    ]

    assert classes(pcap(tmp_path / "x", frames)) == {("host_discovery", CLIENT)}


def test_echoes_that_carry_nothing_are_a_scanners(tmp_path):
    frames = [(number * 0.1, echo(f"10.0.0.{number * 7 + 1}", b"")) for number in range(HOSTS)]

    assert classes(pcap(tmp_path / "x", frames)) == {("host_discovery", ATTACKER)}


def test_a_monitoring_poll_of_scattered_hosts_that_live_is_none(tmp_path):
    hosts = [f"10.0.{number}.{number * 11 % 250 + 1}" for number in range(40)]
    frames = [
        (minute * 60 + number * 0.01, raw)
        for minute in range(5)
        for number, host in enumerate(hosts)
        for raw in (echo(host, source=CLIENT), reply(host))
    ]

    assert classes(pcap(tmp_path / "x", frames)) == set()


@pytest.mark.parametrize(("count", "every_s", "off"), [(60, 60, 14), (30, 120, 0)], ids=["some are off", "in order"])
def test_a_monitoring_poll_of_neighbours_is_none_though_some_of_many_are_off(tmp_path, count, every_s, off):
    frames = [
        (turn * every_s + number * 0.01, raw)
        for turn in range(4)
        for number in range(count)
        for raw in (
            echo(f"10.0.0.{number + 1}", source=CLIENT),
            *([] if number < off else [reply(f"10.0.0.{number + 1}")]),
        )
    ]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_a_sweep_that_finds_few_is_told_once_there_was_time_to_answer(tmp_path):
    frames = [(number * 0.01, echo(f"10.0.0.{number + 1}")) for number in range(HOSTS)]
    frames += [(0.2, reply(f"10.0.0.{number + 1}", source=ATTACKER)) for number in range(HOSTS // 4)]
    frames.append((30.0, echo("10.0.0.1", source=CLIENT)))

    (sweep,) = found(pcap(tmp_path / "x", frames))

    assert (sweep.name, sweep.source_ip, sweep.totals["targets"]) == ("host_discovery", ATTACKER, HOSTS)


def answered(count, *, turns=1, every=1, who=CLIENT, net="10.0.0"):
    """What a mirror shows that has the answers only."""
    return [
        (turn * 60 + number * 0.1, reply(f"{net}.{every * number + 1}", source=who))
        for turn in range(turns)
        for number in range(count)
    ]


def test_a_sweep_of_which_the_answers_alone_are_seen_shows_by_them(tmp_path):
    (sweep,) = found(pcap(tmp_path / "x", answered(HOSTS)))

    assert (sweep.name, sweep.source_ip, sweep.totals["targets"]) == ("host_discovery", CLIENT, HOSTS)


@pytest.mark.parametrize(
    "frames",
    [
        answered(2 * HOSTS, turns=4),
        answered(2 * HOSTS, every=11),
        answered(HOSTS, net="198.51.100"),
        [(0.0, echo("10.0.1.1", source=CLIENT)), *answered(HOSTS)],
    ],
    ids=["a poll", "here and there", "from outside", "to who is seen to ask others"],
)
def test_other_answers_whose_questions_are_not_seen_are_none(tmp_path, frames):
    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_every_protocol_tried_on_one_host_is_found_by_what_is_sent_or_refused(tmp_path):
    sent = [(number, frame(IP(src=ATTACKER, dst=VICTIM, proto=100 + number), b"x" * 8)) for number in range(PROTOCOLS)]
    refusals = [
        (
            number,
            frame(
                IP(src=VICTIM, dst=CLIENT), ICMP(type=3, code=2), bytes(IP(src=CLIENT, dst=VICTIM, proto=100 + number))
            ),
        )
        for number in range(PROTOCOLS)
    ]

    assert classes(pcap(tmp_path / "sent", sent)) == {("host_discovery", ATTACKER)}
    assert classes(pcap(tmp_path / "refused", refusals)) == {("host_discovery", CLIENT)}


def all_nodes(path, count, *, target="ff02::1", late=0):
    """One echo request to many, and the answers of so many hosts."""
    scanner = "fe80::66"
    frames = [(0, frame(IPv6(src=scanner, dst=target), ICMPv6EchoRequest(data=b"x")))]
    for number in range(count):
        answer = ICMPv6EchoReply(data=b"x") if number % 2 else ICMPv6ParamProblem(code=2)
        frames.append((0.1 + number * 0.01 + late, frame(IPv6(src=f"fe80::{number + 1:x}", dst=scanner), answer)))
    return {(name, source) for name, source in classes(pcap(path, frames)) if name == "host_discovery"}


def test_one_echo_that_every_node_of_the_link_answers_is_a_sweep(tmp_path):
    assert all_nodes(tmp_path / "x", NODES) == {("host_discovery", "fe80::66")}
    assert all_nodes(tmp_path / "y", NODES - 1) == set()
    assert all_nodes(tmp_path / "z", NODES, target="ff02::fb") == set()
    assert all_nodes(tmp_path / "w", NODES, late=60) == set()
