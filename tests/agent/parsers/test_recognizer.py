# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.log import LINE_BYTES
from giamsat_agent.parsers.recognizer import Recognizer

NOW_NS = 1_795_449_600_000_000_000  # 23 November 2026, 16:00 UTC
SSHD = b"<38>Nov 23 16:00:00 web sshd[9]: Failed password for root from 203.0.113.9 port 5 ssh2"
PIECES = st.sampled_from(
    [
        "<13>",
        "Nov 23 16:00:00 ",
        "h p[9]: ",
        "1 2026-11-23T16:00:00Z h a - - ",
        '[x a="',
        "CEF:0|",
        "LEEF:2.0|",
        '{"a":',
        "<Event>",
        "<EventID>1</EventID></System>",
        "key=",
        '"',
        "'",
        "\\",
        "[",
        "]",
        "203.0.113.9",
        "2001:db8::",
        ":80",
        "login failed ",
        "user ",
        "from ",
        "GET / ",
        "%ASA-4-106023: Deny ",
        "type=SYSCALL msg=audit(1.",
        "SRC=",
        " PROTO=",
        "IN=",
        "filterlog",
        "1,",
        "#011",
        "MSWinEventLog",
        "4625",
        "%%01",
        "}",
        "|",
        "\t",
        "\x00",
        "é",
        " - - [",
        '" 200 ',
        "message repeated 3 times: [ ",
    ]
)


def recognized(raw, zone=UTC, origin=None):
    recognizer = Recognizer(zone=zone, origin=origin or {})
    return list(recognizer.recognize(raw, key=b"k", now_ns=NOW_NS, mono_ns=1))


@given(line=st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join))
def test_no_line_is_too_odd_to_be_kept(line):
    found = recognized(line.encode("utf-8", "replace"))

    assert found
    assert all(each.event.fields["event.id"] for each in found)


@given(raw=st.binary(max_size=300))
def test_no_bytes_are_too_odd_to_be_kept(raw):
    assert recognized(raw)


def test_an_event_carries_its_origin_its_header_and_its_line():
    (found,) = recognized(SSHD, origin={"event.provider": "syslog"})

    fields = found.event.fields
    assert (fields["event.provider"], fields["host.name"], fields["process.pid"]) == ("syslog", "web", 9)
    assert (fields["log.syslog.priority"], fields["log.level"]) == (38, "informational")
    assert fields["event.original"] == SSHD.decode()


def test_a_device_whose_header_names_it_is_the_observer_and_a_server_is_none():
    (link,) = recognized(b"<189>Nov 23 16:00:00 sw-1 %LINK-3-UPDOWN: Interface Gi0/1, changed state to down")
    (login,) = recognized(SSHD)

    assert link.event.fields["observer.name"] == "sw-1"
    assert "observer.name" not in login.event.fields


def test_a_time_without_a_zone_is_in_the_zone_of_the_source():
    (found,) = recognized(SSHD, zone=timezone(timedelta(hours=7)))

    assert found.event.wall_ns == NOW_NS - 7 * 3600 * 10**9


def test_a_line_without_a_time_happened_when_it_was_read():
    (found,) = recognized(b"hello")

    assert found.event.wall_ns == NOW_NS


def test_a_repeated_message_is_as_many_events_with_ids_of_their_own():
    found = recognized(SSHD.replace(b"Failed", b"message repeated 2 times: [ Failed") + b"]")

    assert [each.event.kind for each in found] == ["user-login"] * 2
    assert len({each.event.fields["event.id"] for each in found}) == 2


def test_a_known_program_that_says_nothing_of_interest_is_known_all_the_same():
    (found,) = recognized(b"Nov 23 16:00:00 web sshd[9]: Server listening on 0.0.0.0 port 22.")

    assert (found.parser, found.event.kind) == ("sshd", "log-message")


@pytest.mark.parametrize("size", [LINE_BYTES, 3 * LINE_BYTES])
def test_a_long_line_is_cut(size):
    (found,) = recognized(b"x" * size)

    assert len(found.event.fields["event.original"]) == LINE_BYTES


def test_a_line_that_a_container_engine_wrapped_is_unwrapped():
    line = b'{"log":"203.0.113.9 - - [23/Nov/2026:16:00:00 +0000] \\"GET /a HTTP/1.1\\" 404 5\\n","stream":"stdout"}'
    (found,) = recognized(line)

    assert (found.parser, found.event.fields["source.ip"]) == ("access-log", "203.0.113.9")
    assert found.event.wall_ns == NOW_NS


@pytest.mark.parametrize(
    ("line", "unverified"),
    [
        (b"<13>Nov 23 16:00:00 h anything[9]: Accepted password for root from 203.0.113.9", True),
        (b'<13>Nov 23 16:00:00 h anything[9]: {"msg": "login succeeded", "user": "root", "ip": "203.0.113.9"}', True),
        (b"<38>Nov 23 16:00:00 h sshd[9]: Accepted password for root from 203.0.113.9 port 5 ssh2", None),
        (b"2026-11-23 16:00:00 INFO login succeeded for user root from 203.0.113.9", None),
    ],
)
def test_a_login_that_an_unknown_program_of_syslog_tells_of_is_nobody_s_word(line, unverified):
    (found,) = Recognizer(zone=UTC, origin={}).recognize(line, key=b"k", now_ns=NOW_NS, mono_ns=1)

    assert found.event.fields["event.outcome"] == "success"
    assert found.event.fields.get("giamsat.unverified") == unverified


def test_a_failed_login_that_pam_and_the_program_tell_of_is_one_and_each_further_one_counts():
    pam = "pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=an rhost=203.0.113.9"
    own, other = '[an] FAIL LOGIN: Client "203.0.113.9"', '[binh] FAIL LOGIN: Client "203.0.113.9"'
    recognizer = Recognizer(zone=UTC, origin={})

    def kinds(*said):
        lines = [f"Nov 23 16:00:00 h vsftpd[{pid}]: {text}".encode() for pid, text in said]
        return [
            one.event.kind for line in lines for one in recognizer.recognize(line, key=b"k", now_ns=NOW_NS, mono_ns=0)
        ]

    assert kinds((7, pam), (8, pam), (7, own), (8, own)) == ["user-login", "user-login", "log-message", "log-message"]
    assert kinds((7, other), (7, '[an] OK LOGIN: Client "203.0.113.9"')) == ["user-login", "user-login"]
