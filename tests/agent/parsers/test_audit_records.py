# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

import pytest

from giamsat_agent.parsers.audit_records import MESSAGES_KEPT, PROGRAMS_KEPT
from giamsat_agent.parsers.recognizer import Recognizer

NOW_NS = 1_795_449_600 * 10**9
SYSCALL = (
    "type=SYSCALL msg=audit(1795449600.579:{n}): arch=c000003e syscall={call} success={success} exit=0 ppid=26843 "
    'pid=27032 auid=1000 uid=1000 euid=0 tty=pts2 comm="bash" exe="/usr/bin/bash" key={key}'
    '\x1dARCH=x86_64 SYSCALL=execve AUID="an" UID="an" EUID="root"'
)


@pytest.fixture
def read():
    recognizer = Recognizer(zone=UTC, origin={})

    def reading(line):
        (found,) = recognizer.recognize(line.encode(), key=line.encode(), now_ns=NOW_NS, mono_ns=1)
        return found.event

    return reading


def syscall(n=1, call=59, success="yes", key='"exec"'):
    return SYSCALL.format(n=n, call=call, success=success, key=key)


def test_the_arguments_of_an_execution_stand_beside_its_user(read):
    read(syscall())
    event = read('type=EXECVE msg=audit(1795449600.579:1): argc=3 a0="bash" a1="-c" a2=6964202D75')

    told = {name: event.fields[name] for name in ("process.command_line", "process.executable", "user.name")}
    assert event.kind == "process-started"
    assert told == {"process.command_line": "bash -c id -u", "process.executable": "/usr/bin/bash", "user.name": "an"}
    assert event.fields["user.effective.name"] == "root"
    assert (event.fields["process.pid"], event.fields["process.parent.pid"]) == (27032, 26843)
    assert event.fields["event.code"] == "EXECVE"


def test_other_messages_and_other_hosts_are_kept_apart(read):
    read(f"node=web1 {syscall()}")

    for line in (
        'type=EXECVE msg=audit(1795449600.579:2): argc=1 a0="id"',
        'node=web2 type=EXECVE msg=audit(1795449600.579:1): argc=1 a0="id"',
    ):
        event = read(line)
        assert (event.fields["process.executable"], event.fields.get("user.name")) == ("id", None)
    event = read('node=web1 type=EXECVE msg=audit(1795449600.579:1): argc=1 a0="id"')
    assert event.fields["user.name"] == "an"


@pytest.mark.parametrize(
    ("key", "success", "nametype", "kind"),
    [
        ('"identity"', "yes", "CREATE", "file-created"),
        ('"identity"', "yes", "DELETE", "file-deleted"),
        ('"identity"', "yes", "NORMAL", "log-message"),
        ('"identity"', "no", "CREATE", "log-message"),
        ("(null)", "yes", "CREATE", "log-message"),
    ],
)
def test_a_file_that_auditd_was_told_to_watch_is_told_with_who_did_it(read, key, success, nametype, kind):
    read(syscall(call=82, success=success, key=key))
    read('type=CWD msg=audit(1795449600.579:1): cwd="/etc/cron.d"')
    event = read(
        f'type=PATH msg=audit(1795449600.579:1): item=1 name="../cron.d/x" inode=7 mode=0100644 nametype={nametype}'
    )

    assert event.kind == kind
    assert (event.fields["file.path"], event.fields["user.name"]) == ("/etc/cron.d/x", "an")


def test_what_is_remembered_is_bounded(read):
    read(syscall(n=1))
    for number in range(2, MESSAGES_KEPT + 2):
        read(syscall(n=number))

    assert "user.name" not in read('type=EXECVE msg=audit(1795449600.579:1): argc=1 a0="id"').fields
    assert "user.name" in read('type=EXECVE msg=audit(1795449600.579:3): argc=1 a0="id"').fields


def test_the_program_of_a_parent_is_named_when_its_own_start_was_told(read):
    read('type=SYSCALL msg=audit(1795449600.579:1): syscall=59 success=yes pid=700 ppid=1 exe="/usr/sbin/nginx" arch=x')
    read('node=web2 type=SYSCALL msg=audit(1795449600.579:1): syscall=59 pid=701 ppid=700 exe="/usr/bin/id" arch=x')
    told = read(
        'type=SYSCALL msg=audit(1795449600.579:2): syscall=59 success=yes pid=701 ppid=700 exe="/bin/sh" arch=x'
    )
    elsewhere = read(
        'node=web2 type=SYSCALL msg=audit(1795449600.579:3): syscall=59 pid=9 ppid=700 exe="/bin/sh" arch=x'
    )

    assert told.fields["process.parent.executable"] == "/usr/sbin/nginx"
    assert "process.parent.executable" not in elsewhere.fields


def test_programs_that_are_remembered_are_bounded(read):
    line = 'type=SYSCALL msg=audit(1795449600.579:{n}): syscall=59 pid={n} ppid={parent} exe="/usr/bin/a{n}" arch=x'
    for number in range(2, PROGRAMS_KEPT + 3):
        read(line.format(n=number, parent=1))

    assert "process.parent.executable" not in read(line.format(n=9_999, parent=2)).fields
    assert read(line.format(n=9_998, parent=4)).fields["process.parent.executable"] == "/usr/bin/a4"


def test_the_arguments_of_the_call_are_not_those_of_the_program(read):
    read(syscall().replace("exit=0", "exit=0 a0=55d0 a1=55d1 a2=55d2 a3=8"))
    event = read('type=EXECVE msg=audit(1795449600.579:1): argc=2 a0="chattr" a1="-i"')

    told = {name: value for name, value in event.fields.items() if name.startswith("auditd.data.")}
    assert told == {"auditd.data.a0": "chattr", "auditd.data.a1": "-i"}
    assert event.fields["auditd.syscall"] == "59"
