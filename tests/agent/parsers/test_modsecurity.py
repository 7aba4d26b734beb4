# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.parsers.modsecurity import parse

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
