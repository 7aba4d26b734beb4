# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.detectors.listening import SHARE
from support.capture import CLIENT, IP, SERVER, TCP, breaches, connection, frame, pcap

INSIDE = "10.0.0.80"


def told(path, frames):
    return [(one.targets[0].ip, one.targets[0].port) for one in breaches(pcap(path, frames))]


def test_each_service_inside_is_told_once(tmp_path):
    frames = [one for number in range(5) for one in connection(CLIENT, INSIDE, 8_080, number, sport=40_000 + number)]
    frames += connection(CLIENT, INSIDE, 22, 6)

    assert told(tmp_path / "x", frames) == [(INSIDE, 8_080), (INSIDE, 22)]


def test_what_refuses_is_outside_or_a_clients_port_is_none(tmp_path):
    refused = [
        (0, frame(IP(src=CLIENT, dst=INSIDE), TCP(sport=40_000, dport=25, flags="S"))),
        (0.1, frame(IP(src=INSIDE, dst=CLIENT), TCP(sport=25, dport=40_000, flags="RA"))),
    ]

    assert told(tmp_path / "x", refused) == []
    assert told(tmp_path / "y", connection(CLIENT, SERVER, 443, 0)) == []
    assert told(tmp_path / "z", connection(CLIENT, INSIDE, 49_700, 0)) == []


def test_very_many_are_told_minute_by_minute(tmp_path):
    # One caller alone, to host after host, would be a sweep.
    accepts = [
        (number * 0.01, frame(IP(src=f"10.0.1.{number + 1}", dst=f"10.0.2.{number + 1}"), TCP(sport=22, flags="SA")))
        for number in range(2 * SHARE)
    ]

    assert len(told(tmp_path / "x", accepts)) == SHARE
    assert len(told(tmp_path / "y", [*accepts, *((at + 60, raw) for at, raw in accepts)])) == 2 * SHARE
