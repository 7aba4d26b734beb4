# SPDX-License-Identifier: Apache-2.0
"""A Sigma rule about names that were asked for fires from the log of a real name server."""

import socket
from datetime import UTC

import pytest

from giamsat_agent.parsers.recognizer import Recognizer
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Occurrence, Subject
from support.capture import DNS, DNSQR
from support.daemons import name_server
from support.until import holds

RULE = """title: A name below one that is known
id: 00000000-0000-4000-8000-000000000002
name: known_name
status: test
logsource: {category: dns}
detection:
  asked: {query|endswith: .c2.example, record_type: TXT}
  condition: asked
level: high
"""


@pytest.mark.peer("dnsmasq")
@pytest.mark.parametrize("how", ["--log-queries", "--log-queries=extra"])
def test_a_name_that_a_real_server_was_asked_for_is_judged(tmp_path, how):
    log = tmp_path / "queries.log"
    with name_server(how, f"--log-facility={log}") as port, socket.socket(type=socket.SOCK_DGRAM) as client:
        for number, name in enumerate(("www.example", "data1.c2.example")):
            question = DNS(id=number, rd=1, qd=DNSQR(qname=name, qtype="TXT"))
            client.sendto(bytes(question), ("127.0.0.1", port))
        holds(lambda: log.exists() and log.read_text().count("query[TXT]") == 2, 10, "both questions are logged")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/known_name.yml").write_text(RULE)
    engine = Engine(load_rules(tmp_path / "rules"), load_pack(shipped().pack))
    recognizer = Recognizer(zone=UTC, origin={"event.provider": "syslog"})

    events = [
        found.event
        for number, line in enumerate(log.read_bytes().splitlines())
        for found in recognizer.recognize(line, key=b"%d" % number, now_ns=0, mono_ns=0)
    ]
    judged = [
        verdict.rule
        for event in events
        for verdict in engine.judge(Occurrence(Subject("ns", 3), event.wall_ns, event.fields))
    ]

    assert judged == ["known_name"]
    assert [event.fields["source.ip"] for event in events if "dns.question.name" in event.fields] == ["127.0.0.1"] * 2
