# SPDX-License-Identifier: Apache-2.0
"""Rules about products that no test here runs fire from lines as those products write them; the values are made up."""

from datetime import UTC

import pytest

from giamsat_agent.parsers.recognizer import Recognizer
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Occurrence, Subject
from support.retelling import FORTIGATE, windows

NOW_NS, SECOND_NS = 1_795_449_600_000_000_000, 1_000_000_000  # 23 November 2026, 16:00 UTC
MANY = 300
REFUSED_MAIL = (
    "<22>Nov 23 16:00:00 mx postfix/smtpd[9]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: "
    "554 5.7.1 <an@example.org>: Relay access denied; from=<x@example.net> to=<an@example.org> proto=ESMTP helo=<x>"
)
REFUSED_NAME = "<30>Nov 23 16:00:00 ns named[9]: client @0x7f0c 203.0.113.9#53211"
INTRUSION = (
    '{"timestamp":"2026-11-23T16:00:00.000000+0000","event_type":"alert","src_ip":"203.0.113.9","src_port":4,'
    '"dest_ip":"192.0.2.7","dest_port":80,"proto":"TCP","alert":{"action":"allowed","gid":1,"signature_id":7,"rev":1,'
    '"signature":"MADE UP overflow","category":"Attempted Administrator Privilege Gain","severity":1}}'
)
FAILED_SERVICE = "<30>Nov 23 16:00:00 web systemd[1]: portal.service: Failed with result 'exit-code'."


def firewall(words):
    return f"<189>{FORTIGATE.format(name='fw')} {words}"


STORIES = {
    "account_guessing": (windows(4776, "Security", {"TargetUserName": "an", "Status": "0xc000006a"}), MANY),
    "audit_log_cleared": (windows(1102, "Security", {"SubjectUserName": "an"}), 1),
    "blocked_pages_repeated": (
        firewall(
            'logid="0316013056" type="utm" subtype="webfilter" eventtype="ftgd_blk" action="blocked" srcip=192.0.2.7 '
            'dstip=203.0.113.9 hostname="bad.example" url="/x" catdesc="Malicious Websites"'
        ),
        MANY,
    ),
    "database_login_from_outside": ("20261123 16:00:00,db1,an,203.0.113.9,12,0,CONNECT,hoso,,0", 1),
    "dns_refused_repeatedly": (f"{REFUSED_NAME} (example.com): query (cache) 'example.com/A/IN' denied", MANY),
    "firewall_policy_changed": (
        firewall(
            'logid="0100044547" type="event" subtype="system" logdesc="Object attribute configured" user="an" '
            'ui="GUI(192.0.2.5)" action="Edit" cfgpath="firewall.policy" cfgobj="7" cfgattr="action[deny->accept]"'
        ),
        1,
    ),
    "intrusion_detected": (INTRUSION, 1),
    "intrusions_repeated": (INTRUSION, MANY),
    "mail_refused_repeatedly": (REFUSED_MAIL, MANY),
    "mail_relay_tried": (REFUSED_MAIL, 1),
    "malware_detected": ("<22>Nov 23 16:00:00 mx clamd[9]: /srv/chung/hoso.doc: Win.Test.Made_Up-1 FOUND", 1),
    "remote_desktop_from_outside": (
        windows(4624, "Security", {"TargetUserName": "an", "LogonType": "10", "IpAddress": "203.0.113.9"}),
        1,
    ),
    "service_failed": (FAILED_SERVICE, 1),
    "service_installed": (
        windows(7045, "System", {"ServiceName": "updater", "ImagePath": "C:\\x.exe", "AccountName": "LocalSystem"}),
        1,
    ),
    "service_keeps_failing": (FAILED_SERVICE, MANY),
    "site_used_as_proxy": (
        '203.0.113.9 - - [23/Nov/2026:16:00:00 +0000] "CONNECT mail.example.org:25 HTTP/1.1" 200 0 "-" "-"',
        1,
    ),
    "well_known_account_logged_in": (
        "<86>Nov 23 16:00:00 web sshd[9]: Accepted password for admin from 203.0.113.9 port 4 ssh2",
        1,
    ),
    "zone_transfer_refused": (f"{REFUSED_NAME} (example.com): zone transfer 'example.com/AXFR/IN' denied", 1),
    "zone_update_refused": (f"{REFUSED_NAME}: update 'example.com/IN' denied", 1),
}


@pytest.fixture(scope="module")
def rules():
    return load_rules(shipped().detections)


@pytest.mark.parametrize("rule", STORIES)
def test_a_rule_fires_from_the_line_it_is_about_as_often_as_it_wants_it(rules, rule):
    line, times = STORIES[rule]
    engine, recognizer = Engine(rules.alone(rule), load_pack(shipped().pack)), Recognizer(zone=UTC, origin={})
    told = []
    for number in range(times):
        at_ns = NOW_NS + number * SECOND_NS // 10
        raw = line.replace("[9]:", f"[{number + 9}]:").encode()
        for found in recognizer.recognize(raw, key=b"%d" % number, now_ns=at_ns, mono_ns=0):
            told += engine.judge(Occurrence(Subject("host", 5), at_ns, found.event.fields))

    assert rule in {verdict.rule for verdict in (*told, *engine.settle())}
