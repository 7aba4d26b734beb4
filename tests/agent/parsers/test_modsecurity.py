# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.parsers.modsecurity import Audited, parse

NOW_NS = 1_795_449_600_000_000_000
TAGS = '[id "942100"] [msg "SQL Injection"] [data "x [id \\"1\\"]"] [severity "CRITICAL"] [uri "/a?b"]'


def test_the_peer_stands_before_the_alert_or_after_it():
    before = parse(f"[client 203.0.113.9] ModSecurity: Warning. {TAGS}")
    after = parse(f"9#9: *1 ModSecurity: Warning. {TAGS}, client: 203.0.113.9, server: x")

    assert before.fields["source.ip"] == after.fields["source.ip"] == "203.0.113.9"


def test_tags_are_the_firewalls_own():
    fields = parse(f"[client 203.0.113.9] Coraza: Warning. {TAGS}").fields

    assert (fields["rule.id"], fields["threat.name"], fields["url.path"]) == ("942100", "SQL Injection", "/a")


def test_what_was_stopped_is_said_to_be_denied():
    assert parse(f"ModSecurity: Access denied with code 403 (phase 2). {TAGS}").fields["event.type"] == (
        "info",
        "denied",
    )


def test_other_lines_are_none():
    assert parse("ModSecurity: loaded") is None
    assert parse('[id "1"]') is None


def test_an_alert_of_the_audit_log_is_of_the_peer_whose_transaction_it_is():
    audited = Audited()
    before = [
        "--a1b2c3d4-A--", "[23/Nov/2026:16:00:00 +0000] Zz1 203.0.113.9 51000 10.1.0.5 80",
        "--a1b2c3d4-B--", "--a1b2c3d4-H--",
    ]  # fmt: skip

    assert [audited.line(line, NOW_NS) for line in before] == [()] * 4
    (alert,) = audited.line(f"Message: Access denied with code 403 (phase 2). {TAGS}", None)
    assert (alert.fields["source.ip"], alert.fields["rule.id"]) == ("203.0.113.9", "942100")
    assert audited.line(f"Apache-Error: [client 198.51.100.1] ModSecurity: Access denied {TAGS}", NOW_NS) == ()
    assert audited.line("--a1b2c3d4-Z--", NOW_NS) == ()
    assert audited.line(f"Message: Access denied with code 403 (phase 2). {TAGS}", NOW_NS) is None


def test_what_a_request_says_is_no_part_of_the_audit_log():
    audited = Audited()
    for line in ("--a1b2c3d4-A--", "[23/Nov/2026:16:00:00 +0000] Zz1 203.0.113.9 51000 10.1.0.5 80", "--a1b2c3d4-C--"):
        audited.line(line, NOW_NS)

    assert audited.line(f"Message: forged {TAGS}", NOW_NS) is None
    assert audited.line("[23/Nov/2026:16:00:00 +0000] Zz1 198.51.100.1 51000 10.1.0.5 80", NOW_NS) is None


def test_an_alert_of_the_audit_log_tells_when_and_what_was_asked_for():
    audited = Audited()
    for line, told in (
        ("--a1b2c3d4-A--", None), ("[23/Nov/2026:16:00:00 +0000] Zz1 203.0.113.9 51000 10.1.0.5 80", NOW_NS),
        ("--a1b2c3d4-B--", None), ("GET /?q=../../etc/passwd HTTP/1.1", None), ("GET /other HTTP/1.1", None),
        ("--a1b2c3d4-H--", None),
    ):  # fmt: skip
        audited.line(line, told)
    (alert,) = audited.line(
        'Message: Warning. String match "../" at ARGS:q. [id "930100"] [msg "Path Traversal"]', None
    )

    assert alert.fields["url.original"] == "/?q=../../etc/passwd"
    assert (alert.fields["http.request.method"], alert.fields["source.port"]) == ("GET", 51000)
    assert audited.wall_ns == NOW_NS
    audited.line("--a1b2c3d4-Z--", None)
    assert audited.wall_ns is None
