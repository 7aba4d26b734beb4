# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

import bench_logs

from giamsat_agent.parsers.recognizer import Recognizer

HOT = {"access-log", "cisco_asa", "fortigate", "juniper_srx", "mikrotik", "netfilter", "panos", "sonicwall", "sshd"}


def test_what_firewalls_and_servers_write_by_the_thousand_is_measured():
    assert bench_logs.formats().keys() >= HOT


def test_lines_of_many_peers_are_read_as_the_line_they_were_made_of():
    recognizer = Recognizer(zone=UTC, origin={})
    peers = set()
    for name, sample in bench_logs.formats().items():
        for number, line in enumerate(bench_logs.varied(sample, 3)):
            (found,) = recognizer.recognize(line, key=b"%d" % number, now_ns=bench_logs.NOW_NS, mono_ns=1)
            assert found.parser == name
            peers.add(found.event.fields.get("source.ip"))

    assert peers >= {f"198.18.0.{number}" for number in (1, 2, 3)}
