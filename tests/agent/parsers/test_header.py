# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

import pytest

from giamsat_agent.parsers import header
from giamsat_agent.parsers.moment import Moments

NOW_NS = 1_795_449_600_000_000_000  # 23 November 2026, 16:00 UTC


def syslog(line, *, relayed=False):
    found = header.syslog(line, moments=Moments(zone=UTC), now_ns=NOW_NS, relayed=relayed)
    return None if found is None else (found.host, found.program, found.pid, line[found.end :])


@pytest.mark.parametrize(
    ("line", "priority"), [("<0>x", 0), ("<191>x", 191), ("<192>x", None), ("<x>x", None), ("x", None)]
)
def test_a_priority_is_a_number_to_191(line, priority):
    assert header.priority(line)[0] == priority


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Nov 23 16:00:00 h p[9]: text", ("h", "p", 9, "text")),
        ("Nov 23 16:00:00 h p: text", ("h", "p", None, "text")),
        ("Nov 23 16:00:00 h p [9]: text", ("h", "p", 9, "text")),
        ("h p[9]: text", ("h", "p", 9, "text")),
        ("Nov 23 16:00:00 p[9]: text", ("", "p", 9, "text")),
        ("Nov 23 16:00:00 h date=1", ("h", "", None, "date=1")),
        ("Nov 23 2026 16:00:00 h : %ASA-6-1: text", ("h", "", None, "%ASA-6-1: text")),
        ("000012: *Nov 23 16:00:00.123: %SYS-5-X: text", ("", "", None, "%SYS-5-X: text")),
        ("2026-11-23T16:00:00+07:00 h p[9]: text", ("h", "p", 9, "text")),
        ("2026-11-23T16:00:00+07:00 h firewall,info text", ("h", "", None, "firewall,info text")),
        ('1 2026-11-23T16:00:00Z h p 9 M [a b="c\\]"][d] text', ("h", "p", 9, "text")),
        ("1 2026-11-23 16:00:00 h p 9 - - text", ("h", "p", 9, "text")),
        ("226:Nov 23 16:00:00 h %SYS-5-X: text", ("h", "", None, "%SYS-5-X: text")),
        ("%Nov 23 16:00:00:123 2026 h SHELL/5/LOGIN: text", ("h", "SHELL/5/LOGIN", None, "text")),
        ("RP/0/RSP0/CPU0:Nov 23 16:00:00.123 UTC: exec[9]: text", ("", "exec", 9, "text")),
        ("Mon Nov 23 16:00:00 2026 192.0.2.1:1194 text", ("", "", None, "192.0.2.1:1194 text")),
        ("1 - - - - - - text", ("", "", None, "text")),
        ('2026-11-23T16:00:00Z h p 9 M [a b="c"] text', ("h", "p", 9, "text")),
        ("2026-11-23T16:00:00Z h p - - - text", ("h", "p", None, "text")),
        ("2026-11-23 16:00:00  h p[9]: text", ("h", "p", 9, "text")),
        ("2026-11-23 16:00:00 h a=b c=d", ("h", "", None, "a=b c=d")),
        ("2026-11-23 16:00:00 h CEF:0|a", ("h", "", None, "CEF:0|a")),
        ("00:00:46: %SYS-5-X: text", ("", "", None, "%SYS-5-X: text")),
        ("000012: *1d02h: %SYS-5-X: text", ("", "", None, "%SYS-5-X: text")),
        ("12: edge1: 000012: *Nov 23 16:00:00: %SYS-5-X: text", ("", "", None, "%SYS-5-X: text")),
        ("1 2026-11-23T16:00:00Z h p - - - \ufefftext", ("h", "p", None, "text")),
    ],
)
def test_the_headers_that_are_really_sent_are_read(line, parts):
    assert syslog(line) == parts


def test_a_message_without_a_time_is_syslog_when_a_priority_stood_before_it():
    assert syslog("p[9]: text", relayed=True) == ("", "p", 9, "text")
    assert syslog("p[9]: text") is None


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-23 16:00:00,123 WARN [thread-1] a.b.c.Class - text",
        "[2026-11-23 16:00:00] ERROR: text",
        "W, [2026-11-23T16:00:00.245316 #1]  WARN -- : text",
        "container_1   | 2026-11-23T16:00:00Z [APP] text",
        "2026/11/23 16:00:00 main.go:12 [I] text",
    ],
)
def test_an_applications_header_is_passed_over(line):
    found = header.application(line, moments=Moments(zone=UTC), now_ns=NOW_NS)

    assert line[found.end :] == "text"
    assert found.wall_ns // 10**9 == NOW_NS // 10**9


def test_a_text_without_a_header_is_bare():
    found = header.application("hello world", moments=Moments(zone=UTC), now_ns=NOW_NS)

    assert (found.form, found.end, found.wall_ns) == ("bare", 0, None)


def test_a_level_before_pairs_is_no_host():
    assert syslog("2026-11-23 16:00:00 INFO a=b") is None


@pytest.mark.parametrize("line", ["2026-11-23T16:00:00Z: Failed Login: x", "2026-11-23 16:00:00 Failed Login: x"])
def test_the_words_of_a_sentence_are_no_host_and_no_program(line):
    assert syslog(line) is None
