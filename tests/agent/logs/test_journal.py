# SPDX-License-Identifier: Apache-2.0
import shutil
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from giamsat_agent.interpreter import Interpreter, everything
from giamsat_agent.log import LogLost
from giamsat_agent.logs.journal import MATCHES, RESTART_S, Journal, journalctl, machine_id
from giamsat_wire.clock import SystemClock
from support.clock import ManualClock
from support.journald import journald

WAIT_S = 60
SECOND_NS = 1_000_000_000
FAILED = "Failed password for invalid user {} from 192.0.2.7 port 40022 ssh2"

real = [pytest.mark.peer("journalctl"), pytest.mark.root, pytest.mark.namespaces]


def script(tmp_path, text):
    """A program in journalctl's place."""
    file = tmp_path / "journalctl"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o700)
    return str(file)


def until(source, enough):
    """What is read until `enough` says so of it."""
    found, end = [], time.monotonic() + WAIT_S
    while not enough(found) and time.monotonic() < end:
        with suppress(LogLost):
            for entry in source.read():
                found.append(entry)  # noqa: PERF402 - what came before the end counts
        time.sleep(0.02)
    return found


def placed(source):
    """Read until the source knows where to begin."""
    until(source, lambda _: "--follow" in source._from)


def dead(source):
    """The message with which a source says that its program ended."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        try:
            list(source.read())
        except LogLost as lost:
            return str(lost)
        time.sleep(0.02)
    raise AssertionError("journalctl lives on")


def line(number):
    return (
        f'{{"__CURSOR":"i={number}","__REALTIME_TIMESTAMP":"{1_800_000_000_000_000 + number}","MESSAGE":"m{number}"}}'
    )


def test_a_journalctl_that_ends_is_started_again_later_each_time(tmp_path):
    clock = ManualClock()
    source = Journal(script(tmp_path, "echo no rights >&2; exit 3"), clock=clock, since_ns=0)
    waits = []
    for wait_s in RESTART_S[:3]:
        assert f"code 3 (no rights); it is started again in {wait_s} s" in dead(source)
        with pytest.raises(LogLost):
            list(source.read())
        clock.advance(wait_s * SECOND_NS)
        waits.append(wait_s)

    assert waits == [1, 2, 4]
    source.close()


def test_reading_goes_on_after_the_last_entry_when_journalctl_is_started_again(tmp_path):
    clock = ManualClock()
    source = Journal(script(tmp_path, f"echo '{line(1)}'; echo \"$@\" >&2; exit 1"), clock=clock, since_ns=0)
    source.resume({})
    assert [entry.text for entry in until(source, bool)] == ["m1"]
    with pytest.raises(LogLost, match="--follow --no-tail --merge --output"):
        list(source.read())
    clock.advance(SECOND_NS)

    assert "--follow --no-tail --merge --after-cursor=i=1 " in dead(source)
    assert source.cursor() == {"cursor": "i=1"}
    source.close()


def test_a_cursor_the_journal_does_not_take_is_given_up(tmp_path):
    clock = ManualClock()
    complaint = (
        'case "$*" in *after-cursor*) echo "Failed to seek to cursor: Invalid argument" >&2;; *) echo "$@" >&2;; esac'
    )
    source = Journal(script(tmp_path, complaint), clock=clock, since_ns=0)
    source.resume({"cursor": "i=9"})
    assert "Failed to seek" in dead(source)
    clock.advance(SECOND_NS)

    assert "--no-tail" in dead(source)
    source.close()


@pytest.mark.parametrize("cursor", [{}, {"cursor": 7}, {"cursor": "--vacuum-size=1"}, {"cursor": "a" * 500}])
def test_what_is_no_cursor_is_never_given_to_journalctl(tmp_path, cursor):
    source = Journal(script(tmp_path, 'echo "$@" >&2'), clock=ManualClock(), since_ns=0)
    source.resume(cursor)

    said = dead(source)

    assert "after-cursor" not in said
    assert "--no-tail" in said
    source.close()


def test_the_entry_that_stood_there_before_gives_a_place_and_no_event(tmp_path):
    program = script(tmp_path, f"case $* in *--lines=1*) echo '{line(1)}';; *) echo '{line(2)}'; exec sleep 20;; esac")
    source = Journal(program, clock=ManualClock(), since_ns=0)

    assert [entry.text for entry in until(source, bool)] == ["m2"]
    assert source.cursor() == {"cursor": "i=2"}
    source.close()


def test_a_silent_journal_is_not_waited_for(tmp_path):
    source = Journal(script(tmp_path, "exec sleep 60"), clock=ManualClock(), since_ns=0)

    for _ in range(20):
        assert list(source.read()) == []

    assert source._child.poll() is None, "it says nothing until it ends"
    source.close()


def test_complaints_without_end_stop_nothing(tmp_path):
    program = script(tmp_path, f"head -c 300000 /dev/zero | tr '\\0' x >&2; echo '{line(1)}'; exec sleep 20")
    source = Journal(program, clock=ManualClock(), since_ns=0)
    source.resume({})

    assert [entry.text for entry in until(source, bool)] == ["m1"]
    source.close()


def test_garbage_and_endless_lines_are_passed_over(tmp_path):
    program = script(
        tmp_path, f"head -c 3000000 /dev/zero | tr '\\0' x; echo; echo garbage; echo '{line(1)}'; sleep 20"
    )
    source = Journal(program, clock=ManualClock(), since_ns=0)
    source.resume({})

    assert [entry.text for entry in until(source, bool)] == ["m1"]
    source.close()


def test_without_a_journal_that_can_be_read_there_is_no_journalctl(tmp_path):
    assert journalctl(tmp_path) is None
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/journalctl").touch(0o755)
    assert journalctl(tmp_path) is None
    (tmp_path / "var/log/journal/abc").mkdir(parents=True)
    (tmp_path / "var/log/journal/abc/system.journal").touch()

    assert journalctl(tmp_path) == str(tmp_path / "usr/bin/journalctl")


@pytest.mark.root
def test_a_folder_of_logs_that_may_not_be_looked_into_is_as_good_as_none(tmp_path):
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/journalctl").touch(0o755)
    (tmp_path / "var/log/journal/abc").mkdir(parents=True)
    (tmp_path / "var/log/journal/abc/system.journal").touch()
    tmp_path.chmod(0o755)
    (tmp_path / "var/log").chmod(0)
    look = (
        "import os, sys; from pathlib import Path; from giamsat_agent.logs.journal import journalctl; "
        "os.setuid(65534); print(journalctl(Path(sys.argv[1])))"
    )
    said = subprocess.run([sys.executable, "-c", look, str(tmp_path)], capture_output=True, text=True, check=False)

    assert (said.stdout, said.stderr) == ("None\n", "")


@pytest.mark.parametrize("text", ["", "uninitialized\n", "0" * 31, "é"])
def test_without_a_machine_id_entries_of_every_machine_are_asked_for(tmp_path, text):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/machine-id").write_text(text)
    machine = machine_id(tmp_path)
    source = Journal(script(tmp_path, 'echo "$@" >&2'), clock=ManualClock(), since_ns=0, machine=machine)

    assert "_MACHINE_ID" not in dead(source)
    source.close()


def test_every_way_to_match_is_of_the_one_machine(tmp_path):
    source = Journal(script(tmp_path, 'echo "$@" >&2'), clock=ManualClock(), since_ns=0, machine="a" * 32)

    ways = dead(source).partition(" _MACHINE")[2].partition(") it is")[0].split(" + ")
    assert len(ways) == len(MATCHES)
    assert all(f"_ID={'a' * 32} " in way for way in ways)
    source.close()


class TestRealJournal:
    pytestmark = real

    def test_what_is_said_to_a_real_journald_is_understood_and_a_forgery_is_not(self):
        with journald() as host:
            host.say("sshd", FAILED.format("before"))
            host.synced()
            source = Journal(
                shutil.which("journalctl"), clock=SystemClock(), since_ns=time.time_ns(), options=host.options
            )
            placed(source)
            host.say("sshd", FAILED.format("nguyễn"))
            as_nobody = ("setpriv", "--reuid=65534", "--clear-groups")
            host.run(*as_nobody, "logger", "-p", "auth.info", "-t", "sshd", FAILED.format("forged"))
            host.say("sshd", FAILED.format("\x1b[31m\u202e"))
            entries = until(source, lambda found: len(found) >= 3)
            interpreter = Interpreter(everything(), provider="journald")
            found = [event for entry in entries for event in interpreter.events(entry, mono_ns=0)]
            source.close()

        assert [event.fields["user.name"] for event in found] == ["nguyễn", "\x1b[31m\u202e"]
        assert {event.fields["source.ip"] for event in found} == {"192.0.2.7"}

    def test_what_was_said_before_the_first_reading_is_read_when_the_source_was_there_already(self):
        with journald() as host:
            host.say("sshd", FAILED.format("before"))
            host.synced()
            source = Journal(
                shutil.which("journalctl"), clock=SystemClock(), since_ns=time.time_ns(), options=host.options
            )
            host.say("sshd", FAILED.format("meanwhile"))
            host.synced()
            found = until(source, bool)
            source.close()

        assert [entry.text for entry in found] == [FAILED.format("meanwhile")]

    def test_what_stood_unread_when_the_host_went_down_is_read_and_nothing_of_other_machines(self):
        with journald() as host:
            (machine,) = (folder.name for folder in (host.root / "run/log/journal").iterdir())
            begun = {"clock": SystemClock(), "since_ns": time.time_ns()}
            source = Journal(shutil.which("journalctl"), **begun, machine=machine, options=host.options)
            placed(source)
            host.say("sshd", FAILED.format("read"))
            assert len(until(source, bool)) == 1
            source.close()
            host.say("sshd", FAILED.format("unread"))
            host.synced()
            host.boots_again()
            host.say("sshd", FAILED.format("afterwards"))
            host.synced()
            again = Journal(shutil.which("journalctl"), **begun, machine=machine, options=host.options)
            again.resume(source.cursor())
            found = until(again, lambda found: len(found) >= 2)
            of_another = Journal(shutil.which("journalctl"), **begun, machine="0" * 32, options=host.options)
            of_another.resume({})
            nothing = list(of_another.read())
            host.say("sshd", FAILED.format("more"))
            assert len(until(again, bool)) == 1
            nothing += of_another.read()
            of_another.close()
            again.close()

        assert [entry.text for entry in found] == [FAILED.format(name) for name in ("unread", "afterwards")]
        assert nothing == []

    def test_a_cursor_leads_back_to_the_place_in_a_real_journal(self):
        with journald() as host:
            source = Journal(
                shutil.which("journalctl"), clock=SystemClock(), since_ns=time.time_ns(), options=host.options
            )
            placed(source)
            host.say("sshd", FAILED.format("one"))
            assert len(until(source, bool)) == 1
            source.close()
            for number in range(30):
                host.say("sshd", FAILED.format(number))
            again = Journal(
                shutil.which("journalctl"), clock=SystemClock(), since_ns=time.time_ns(), options=host.options
            )
            again.resume(source.cursor())
            found = until(again, lambda found: len(found) >= 30)
            again.close()

        assert [entry.text for entry in found] == [FAILED.format(number) for number in range(30)]
