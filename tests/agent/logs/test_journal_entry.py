# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.log import LINE_BYTES
from giamsat_agent.logs.journal_entry import parse


def line(**fields):
    told = {"__CURSOR": "s=a;i=1", "__REALTIME_TIMESTAMP": "1700000000000001", "SYSLOG_IDENTIFIER": "sshd"}
    return json.dumps(told | {"MESSAGE": "hello", "_PID": "9", "_UID": "0", "_HOSTNAME": "web1"} | fields).encode()


def test_an_entry_carries_its_cursor_its_time_and_who_the_journal_says_wrote_it():
    cursor, entry = parse(line(_EXE="/usr/sbin/sshd"))

    assert cursor == "s=a;i=1"
    assert (entry.program, entry.text, entry.pid, entry.host) == ("sshd", "hello", 9, "web1")
    assert entry.wall_ns == 1_700_000_000_000_001_000
    assert entry.attested == {"_UID": "0", "_EXE": "/usr/sbin/sshd"}
    assert entry.key == b"s=a;i=1"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ([104, 105, 255, 0], "hi\\xff\x00"),
        ([[104, 105], [255]], "hi"),
        (["hi", "ho"], "hi"),
        (None, ""),
        ([], ""),
        ([300, -1], ""),
        ({"a": 1}, ""),
        ("nguyễn\u202e\x1b[31m", "nguyễn\u202e\x1b[31m"),
        ("a" * 100_000, "a" * LINE_BYTES),
        ([97] * 100_000, "a" * LINE_BYTES),
    ],
)
def test_every_shape_of_a_message_becomes_bounded_text(message, expected):
    assert parse(line(MESSAGE=message))[1].text == expected


def test_the_number_a_daemon_gives_its_child_comes_before_its_own():
    assert parse(line(SYSLOG_PID="77"))[1].pid == 77


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"nothing",
        b'{"a":',
        line(__CURSOR=""),
        line(__REALTIME_TIMESTAMP="x"),
        b"\xff\xfe",
        b"[" * 9_000,
        b'{"MESSAGE":' + b"[" * 9_000,
    ],
)
def test_what_is_no_entry_is_none(content):
    assert parse(content) is None


values = st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=4))


@given(st.dictionaries(st.sampled_from(["MESSAGE", "_PID", "SYSLOG_PID", "_UID", "UNIT", "SYSLOG_IDENTIFIER"]), values))
def test_whatever_fields_hold_is_survived(fields):
    cursor, entry = parse(line(**fields))

    assert cursor
    assert isinstance(entry.text, str)
