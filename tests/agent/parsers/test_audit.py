# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.audit import Audit
from support.entries import entry

CALL = (
    "SYSCALL arch=c000003e syscall={call} success={success} exit=0 ppid=70 pid={pid} auid=1000 uid=33 euid=0 "
    'tty=(none) comm="dash" exe="{exe}" key="exec"'
)
USERS = {"0": "root", "33": "www-data", "1000": "an"}


@pytest.fixture
def read():
    """What records of one message each say, of which the journal tells the number."""
    parser = Audit(lambda number: USERS.get(number, ""))

    def read(*records, message="7"):
        entries = (entry("audit", record, attested={"_AUDIT_ID": message}) for record in records)
        return [meaning for one in entries for meaning in parser.parse(one)]

    return read


def call(*, call=59, success="yes", pid=71, exe="/usr/bin/dash"):
    return CALL.format(call=call, success=success, pid=pid, exe=exe)


def test_an_execution_is_told_once_with_its_arguments_and_the_names_of_its_users(read):
    (told,) = read(call(), 'EXECVE argc=3 a0="sh" a1="-c" a2=6964202D75', 'PATH item=0 name="/bin/sh" nametype=NORMAL')

    assert told.kind == "process-started"
    assert told.fields["process.command_line"] == "sh -c id -u"
    assert told.fields["process.executable"] == "/usr/bin/dash"
    names = [told.fields[f"user.{whose}name"] for whose in ("", "effective.", "audit.")]
    assert names == ["www-data", "root", "an"]


def test_the_program_that_started_it_is_known_when_it_was_started_before(read):
    read(call(pid=70, exe="/usr/sbin/nginx"), 'EXECVE argc=1 a0="nginx"', message="6")

    (told,) = read(call(), 'EXECVE argc=1 a0="sh"')

    assert told.fields["process.parent.executable"] == "/usr/sbin/nginx"


def test_a_file_that_a_rule_of_auditd_asked_for_is_told(read):
    (told,) = read(call(call=82), 'CWD cwd="/etc"', 'PATH item=1 name="cron.d/x" nametype=CREATE')

    assert (told.kind, told.fields["file.path"], told.fields["user.name"]) == (
        "file-created",
        "/etc/cron.d/x",
        "www-data",
    )


def test_auditing_that_is_switched_off_is_told(read):
    (told,) = read("CONFIG_CHANGE op=set audit_enabled=0 old=1 auid=1000 ses=1 res=1")

    assert (told.kind, told.fields["user.audit.name"]) == ("audit-log-cleared", "an")


@pytest.mark.parametrize(
    "record",
    [
        "",
        "USER_AUTH pid=9 uid=0 msg='op=PAM:authentication acct=\"an\" addr=203.0.113.9 res=failed'",
        "ADD_USER pid=9 uid=0 msg='op=add-user acct=\"an\" res=success'",
        "SERVICE_STOP pid=1 uid=0 msg='unit=auditd comm=\"systemd\" res=success'",
        "CONFIG_CHANGE op=add_rule key=(null) list=4 res=1",
        "SYSCALL",
        "PATH name=",
    ],
)
def test_what_its_program_tells_the_log_itself_and_what_says_nothing_is_left_out(read, record):
    assert read(record) == []
