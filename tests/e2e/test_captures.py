# SPDX-License-Identifier: Apache-2.0
"""A capture of somebody else's: what the agent finds in it, judged by the rules, without either of them installed."""

import json
import subprocess

from support.capture import ATTACKER, IP, SERVER, TCP, frame, pcap
from support.handshakes import certificate, segments, spoken
from support.site import BIN


def run(*words, **more):
    return subprocess.run(list(map(str, words)), capture_output=True, check=True, text=True, timeout=60, **more).stdout


def test_what_is_found_in_a_capture_fires_the_rules_for_packets_as_if_an_agent_had_told_it(tmp_path):
    scan = [
        (number * 0.1, frame(IP(src=ATTACKER, dst=SERVER), TCP(dport=1 + number, flags="F"))) for number in range(9)
    ]
    files = [
        pcap(tmp_path / "scan.pcap", scan),
        pcap(tmp_path / "tls.pcap", segments(ATTACKER, "10.0.0.80", spoken(certificate(tmp_path, ends=-1)))),
    ]

    read = run(BIN / "giamsat-agent", "packets", "read", *files, "--json", "--policy")
    judged = run(BIN / "giamsat-rules", "eval", "--events", "-", "--level", "3", input=read)

    hits = {hit["rule"]: hit["group"] for hit in map(json.loads, judged.splitlines())}
    assert hits["stealth_scan_on_the_wire"] == {"source.ip": ATTACKER}
    assert hits["bad_certificate_on_the_wire"] == {"destination.ip": "10.0.0.80", "destination.port": "443"}
