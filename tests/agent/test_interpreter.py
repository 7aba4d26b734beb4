# SPDX-License-Identifier: Apache-2.0
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.interpreter import (
    NAME_CHARACTERS,
    REPEATS_MOST,
    Interpreter,
    authentication,
    everything,
    is_credible,
    services,
)
from support.entries import WALL_NS, entry

FAILED = "Failed password for root from 192.0.2.7 port 40022 ssh2"


def events(program, text, *, understood=None, **keywords):
    interpreter = Interpreter(understood or everything(), provider="journald")
    return list(interpreter.events(entry(program, text, **keywords), mono_ns=5))


def test_an_event_carries_where_it_came_from():
    interpreter = Interpreter(authentication(), provider="auth_log", path="/var/log/auth.log")

    (event,) = interpreter.events(entry("sshd", FAILED), mono_ns=5)

    assert (event.kind, event.wall_ns, event.mono_ns) == ("user-login", WALL_NS, 5)
    assert event.fields["event.action"] == "user-login"
    assert event.fields["event.category"] == ("authentication",)
    assert event.fields["event.provider"] == "auth_log"
    assert event.fields["log.file.path"] == "/var/log/auth.log"
    assert event.fields["message"] == FAILED
    assert (event.fields["process.name"], event.fields["process.pid"]) == ("sshd", 100)
    assert event.fields["source.ip"] == "192.0.2.7"


def test_a_repeated_message_is_as_many_events_with_identities_of_their_own():
    found = events("sshd", f"message repeated 3 times: [ {FAILED}]")

    assert [event.fields["source.port"] for event in found] == [40022] * 3
    assert len({event.fields["event.id"] for event in found}) == 3


@pytest.mark.parametrize("number", ["1000000", "9" * 5_000])
def test_a_number_of_repetitions_from_a_stranger_is_bounded(number):
    assert len(events("sshd", f"message repeated {number} times: [ {FAILED}]")) == REPEATS_MOST


@pytest.mark.parametrize(
    "text", ["message repeated 0 times: [ x]", "message repeated -1 times: [ x]", "message repeated"]
)
def test_a_broken_repetition_says_nothing(text):
    assert events("sshd", text) == []


def test_the_same_entry_has_the_same_identity_and_another_another():
    first, again, other = (events("sshd", FAILED.replace("40022", port)) for port in ("1", "1", "2"))

    assert first[0].fields["event.id"] == again[0].fields["event.id"] != other[0].fields["event.id"]


def test_one_attempt_told_by_pam_and_by_sshd_is_one_event():
    pam = "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root"

    assert [len(events("sshd", text)) for text in (pam, FAILED)] == [0, 1]


def test_each_file_of_a_syslog_daemon_is_believed_its_own_programs_only():
    started = "Started ssh.service - OpenBSD Secure Shell server."

    assert events("systemd", started, pid=1, understood=authentication()) == []
    assert events("sshd", FAILED, understood=services()) == []
    assert [event.kind for event in events("systemd", started, pid=1, understood=services())] == ["service-started"]


@pytest.mark.parametrize(
    ("program", "attested", "expected"),
    [
        ("sshd", {}, True),
        ("sshd", {"_UID": "0"}, True),
        ("sshd", {"_UID": "1000", "_EXE": "/usr/bin/logger"}, False),
        ("sshd", {"_UID": "1000"}, False),
        ("useradd", {"_UID": "1000", "_EXE": "/usr/sbin/useradd"}, False),
        ("sudo", {"_UID": "1000", "_EXE": "/usr/bin/sudo"}, True),
        ("sudo", {"_UID": "1000"}, True),
        ("sudo", {"_UID": "1000", "_EXE": "/usr/bin/logger"}, False),
        ("su-l", {"_UID": "1000", "_EXE": "/usr/bin/su"}, True),
        ("kernel", {}, True),
        ("kernel", {"_TRANSPORT": "kernel"}, True),
        ("kernel", {"_TRANSPORT": "syslog", "_UID": "0"}, False),
        ("kernel", {"_TRANSPORT": "syslog", "_UID": "1000", "_EXE": "/tmp/kernel"}, False),
        ("audit", {"_TRANSPORT": "audit", "_UID": "1000", "_EXE": "/usr/bin/id"}, True),
        ("audit", {"_TRANSPORT": "stdout", "_UID": "0"}, False),
    ],
)
def test_what_the_journal_knows_of_the_writer_is_held_against_its_name(program, attested, expected):
    assert is_credible(entry(program, "x", attested=attested)) is expected


def test_a_long_name_is_cut_and_a_long_command_is_not():
    (login,) = events("sshd", f"Failed password for invalid user {'a' * 9_000} from 192.0.2.7 port 1 ssh2")
    (command,) = events("sudo", f"an : PWD=/ ; USER=root ; COMMAND=/bin/echo {'a' * 6_000}")

    assert len(login.fields["user.name"]) == NAME_CHARACTERS
    assert login.fields["source.ip"] == "192.0.2.7"
    assert len(command.fields["process.command_line"]) > 6_000


@given(
    st.sampled_from([*everything().by_program, "cron"]),
    st.sampled_from(["", "message repeated 2 times: [ ", "pam_unix(", "Failed ", "new user: "]),
    st.text(),
    st.dictionaries(st.sampled_from(["_UID", "_EXE", "UNIT", "MESSAGE_ID"]), st.text(max_size=10)),
)
def test_whatever_a_program_says_is_survived(program, start, text, attested):
    assert len(events(program, start + text, attested=attested)) <= REPEATS_MOST


def test_twenty_thousand_lines_a_second_are_understood():
    interpreter = Interpreter(everything(), provider="journald")
    entries = [
        entry("sshd", f"Failed password for invalid user u{n} from 192.0.2.{n % 250} port {n} ssh2", pid=n)
        for n in range(1_000)
    ]

    def spent_s():
        began = time.thread_time()
        assert sum(1 for each in entries for _ in interpreter.events(each, mono_ns=0)) == 1_000
        return time.thread_time() - began

    assert min(spent_s() for _ in range(5)) < 1_000 / 20_000
