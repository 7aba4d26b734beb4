# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.reading import read
from giamsat_agent.packets.sources.captures import opened
from support.capture import ATTACKER, CLIENT, IP, SERVER, TCP, connection, frame, pcap


def test_a_capture_gives_what_was_found_how_much_there_was_and_what_was_damaged(tmp_path):
    scan = [
        (number * 0.1, frame(IP(src=ATTACKER, dst=SERVER), TCP(dport=1 + number, flags="F"))) for number in range(20)
    ]
    path = pcap(tmp_path / "x", [*scan, *connection(CLIENT, SERVER, 80, 5)])
    path.write_bytes(path.read_bytes()[:-3])
    told = []

    with opened(path) as source:
        findings = read(source, told.append)

    assert [one.name for one in findings.anomalies] == ["scan_tcp_stealth"]
    assert (findings.frames, told[-1]) == (24, 24)
    assert "frame 25" in findings.damage.reason
