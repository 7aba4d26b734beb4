# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.logs.syslog_line import SyslogLines

NOW = datetime(2024, 3, 1, 13, 0, tzinfo=UTC)
NOON_NS = int(datetime(2024, 3, 1, 12, 0, tzinfo=UTC).timestamp()) * 1_000_000_000


def parse(line):
    return SyslogLines().parse(line if isinstance(line, bytes) else line.encode(), key=b"k", now=NOW)


@pytest.mark.parametrize(
    "line",
    [
        "Mar  1 12:00:00 web1 sshd[99]: hello: world",
        "2024-03-01T19:00:00.000000+07:00 web1 sshd[99]: hello: world",
        "<38>Mar  1 12:00:00 web1 sshd[99]: hello: world",
        "<38>1 2024-03-01T12:00:00Z web1 sshd 99 - - hello: world",
        '<38>1 2024-03-01T12:00:00Z web1 sshd 99 ID [a b="x\\"] ]"][c] \ufeffhello: world',
        "Mar  1 12:00:00 web1 sshd[99]: hello: world\r",
        "\0\0\0Mar  1 12:00:00 web1 sshd[99]: hello: world",
    ],
)
def test_every_form_of_a_line_is_the_same_entry(line):
    entry = parse(line)

    assert (entry.program, entry.pid, entry.host, entry.text) == ("sshd", 99, "web1", "hello: world")
    assert entry.wall_ns == NOON_NS


@pytest.mark.parametrize(
    ("tag", "program", "pid"),
    [("sudo:", "sudo", None), ("gdm-password][7]:", "gdm-password", 7), ("a/b[x]:", "a/b", None)],
)
def test_tags_without_a_number_are_programs_too(tag, program, pid):
    entry = parse(f"Mar  1 12:00:00 web1 {tag} text")

    assert (entry.program, entry.pid, entry.text) == (program, pid, "text")


def test_a_message_cannot_become_the_head_of_a_line():
    entry = parse("Mar  1 12:00:00 web1 app[1]: Mar  1 12:00:00 web1 sshd[99]: Failed password")

    assert entry.program == "app"


def test_bytes_that_are_no_text_are_carried():
    assert parse(b"Mar  1 12:00:00 web1 app: a\xff\xc3\xa9\x00b").text == "a\\xffé\x00b"


@pytest.mark.parametrize(
    "line",
    ["", "\0\0", "x", "Mar  1 12:00:00", "Mar  1 12:00:00 web1", "Mar  1 12:00:00 web1 no tag here", "<38>1 a b"],
)
def test_what_is_no_syslog_line_is_no_entry(line):
    assert parse(line) is None


@given(st.binary(max_size=300), st.sampled_from([b"", b"<38>1 ", b"Mar  1 12:00:00 h ", b"2024-03-01T12:00:00Z h a["]))
def test_whatever_a_line_holds_is_survived(tail, head):
    entry = parse(head + tail)

    assert entry is None or len(entry.text) <= 4 * len(tail) + len(head)
