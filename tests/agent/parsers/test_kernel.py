# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.kernel import Kernel
from support.entries import parsed

PACKET = "IN=eth0 OUT= MAC= SRC=203.0.113.9 DST=192.0.2.5 LEN=60 PROTO=TCP SPT=40000 DPT=23 WINDOW=1 SYN"


@pytest.mark.parametrize("stamp", ["", "[ 1234.567890] "])
@pytest.mark.parametrize(
    ("text", "kind", "fields"),
    [
        (
            "vsftpd[77]: segfault at 0 ip 00007f0 sp 00007f1 error 4 in vsftpd[55d0+1000]",
            "process-crashed",
            {"process.name": "vsftpd", "process.pid": 77, "event.reason": "segfault"},
        ),
        (
            "traps: sshd[78] general protection fault ip:7f00 sp:7f01 error:0 in sshd[55d0+1000]",
            "process-crashed",
            {"process.name": "sshd", "process.pid": 78, "event.reason": "general protection fault"},
        ),
        (
            "Out of memory: Killed process 79 (mysqld) total-vm:9kB, anon-rss:9kB",
            "process-crashed",
            {"process.name": "mysqld", "process.pid": 79, "event.reason": "out of memory"},
        ),
        (
            "Memory cgroup out of memory: Killed process 80 (java) total-vm:9kB",
            "process-crashed",
            {"process.name": "java", "process.pid": 80, "event.reason": "out of memory"},
        ),
        (
            "device eth0 entered promiscuous mode",
            "device-interface-changed",
            {"observer.ingress.interface.name": "eth0", "event.reason": "promiscuous mode"},
        ),
        (
            "eth0: entered promiscuous mode",
            "device-interface-changed",
            {"observer.ingress.interface.name": "eth0", "event.reason": "promiscuous mode"},
        ),
    ],
)
def test_what_the_kernel_does_to_a_program_or_an_interface_is_told(stamp, text, kind, fields):
    assert parsed(Kernel(), "kernel", stamp + text, pid=None) == [(kind, fields)]


def test_a_packet_that_was_refused_is_told_and_one_that_passed_is_not():
    ((kind, fields),) = parsed(Kernel(), "kernel", f"[UFW BLOCK] {PACKET}", f"[UFW ALLOW] {PACKET}", pid=None)

    assert kind == "connection-denied"
    assert (fields["source.ip"], fields["destination.port"]) == ("203.0.113.9", 23)


@pytest.mark.parametrize("text", ["", "eth0: link becomes ready", "IN= PROTO= SRC=", "EXT4-fs (sda1): mounted"])
def test_everything_else_says_nothing(text):
    assert parsed(Kernel(), "kernel", text, pid=None) == []
