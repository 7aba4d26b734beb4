# SPDX-License-Identifier: Apache-2.0
"""Rules about what the kernel audits fire from its own records, as a real journald takes them, and once it ceases."""

import contextlib
import pwd
import subprocess

import pytest

from support.journald import journald
from support.peers import program


def auditctl(*words):
    return subprocess.run([program("auditctl"), *words], capture_output=True, text=True, check=True).stdout


@contextlib.contextmanager
def audited(*what):
    """The kernel audits this meanwhile, and then ceases to; at last it does what it did before."""
    before = dict(line.split()[:2] for line in auditctl("-s").splitlines())
    if before["pid"] != "0" or before["enabled"] == "2":
        pytest.skip("an audit daemon is at work on this machine, or its audit settings are locked")
    auditctl("-e", "1")
    try:
        auditctl("-a", *what)
        try:
            yield
        finally:
            auditctl("-d", *what)
        auditctl("-e", "0")
    finally:
        auditctl("-e", before["enabled"])


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("journalctl", "auditctl")
def test_what_the_audit_system_says_of_a_web_server_and_that_it_says_nothing_more_is_told(here):
    web = str(pwd.getpwnam("www-data").pw_uid)
    # What a service runs belongs to nobody who has logged in.
    shell = f"echo 4294967295 > /proc/self/loginuid; exec setpriv --reuid={web} --clear-groups /bin/sh -c id"
    with journald(audits=True) as log:
        agent, _ = here.agent("host", level=5, within=log.within)
        here.reads(agent)

        with audited("always,exit", "-F", "arch=b64", "-S", "execve", "-F", f"uid={web}"):
            subprocess.run(["sh", "-c", shell], check=True, capture_output=True)
        here.until(lambda: here.alerts(rule="web_server_started_a_shell", asset=agent), 10, "the shell is told")
        here.until(
            lambda: here.alerts(rule="audit_log_cleared", asset=agent), 10, "so is that nothing is audited any more"
        )
