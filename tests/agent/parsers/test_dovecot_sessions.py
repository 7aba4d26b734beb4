# SPDX-License-Identifier: Apache-2.0
"""The lines are those of Dovecot 2.3.19 with auth_verbose = yes."""

from datetime import UTC

import pytest

from giamsat_agent.parsers.dovecot_sessions import SESSIONS_KEPT
from giamsat_agent.parsers.recognizer import Recognizer

NOW_NS = 1_795_449_600 * 10**9
WORKER = (
    "auth-worker(25223): conn unix:auth-worker (pid=25221,uid=108): auth-worker<1>: "
    "pam(an,203.0.113.9,<{s}>): pam_authenticate() failed: Authentication failure (Password mismatch?)"
)
FILE = "auth: passwd-file(an,203.0.113.9,<{s}>): Password mismatch"
ENDED = (
    "imap-login: Disconnected: Aborted login by logging out (auth failed, 2 attempts in 8 secs): user=<an>, "
    "method=PLAIN, rip=203.0.113.9, lip=192.0.2.5, secured, session=<{s}>"
)


def in_syslog(said):
    return f"Nov 23 16:00:00 mx dovecot: {said}"


def in_its_own_file(said):
    program, _, text = said.partition(": ")
    return f"Nov 23 16:00:00 {program}: Info: {text}"


@pytest.fixture
def failures():
    recognizer = Recognizer(zone=UTC, origin={})

    def count(*said, session="3HZ5SoJhGtV/AAAB", written=in_syslog):
        lines = [written(each.format(s=session)).encode() for each in said]
        read = [found for line in lines for found in recognizer.recognize(line, key=line, now_ns=NOW_NS, mono_ns=1)]
        assert {found.event.fields["user.name"] for found in read} == {"an"}
        return sum(found.event.kind == "user-login" for found in read)

    return count


@pytest.mark.parametrize(
    ("said", "attempts"),
    [
        ((ENDED,), 1),
        ((FILE, ENDED), 1),
        ((FILE, FILE, ENDED), 2),
        ((WORKER, FILE, ENDED), 1),
        ((WORKER, FILE, WORKER, FILE, ENDED), 2),
        ((FILE, ENDED, ENDED), 2),
    ],
    ids=["not verbose", "one", "two", "two databases", "two databases, two attempts", "a connection is over"],
)
@pytest.mark.parametrize("written", [in_syslog, in_its_own_file])
def test_each_attempt_counts_once(failures, said, attempts, written):
    assert failures(*said, written=written) == attempts


def test_attempts_of_other_connections_count(failures):
    assert [failures(FILE, session=session) for session in "ab"] == [1, 1]
    assert [failures(ENDED, session=session) for session in "abc"] == [0, 0, 1]


def test_a_name_that_looks_like_the_head_of_another_database_hides_nothing():
    forged = "auth: passwd-file(x(an,203.0.113.9,<s>): ,203.0.113.9,<s>): Password mismatch"
    recognizer = Recognizer(zone=UTC, origin={})
    lines = [f"Nov 23 16:00:00 mx dovecot: {forged.replace('x', name)}".encode() for name in "abc"]
    kinds = [
        found.event.kind for line in lines for found in recognizer.recognize(line, key=line, now_ns=NOW_NS, mono_ns=1)
    ]

    assert kinds == ["user-login"] * 3


def test_what_is_remembered_is_bounded(failures):
    for number in range(SESSIONS_KEPT + 1):
        failures(FILE, session=f"{number}")

    assert failures(ENDED, session="0") == 1
    assert failures(ENDED, session="1") == 0
