# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.matching.logsource import SYSTEMS, UNIX, WINDOWS, source_of
from giamsat_rules.rule import LogSource

SYSMON = {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 11}


@pytest.mark.parametrize(
    ("source", "event", "admitted"),
    [
        (LogSource("windows", "file_event"), SYSMON, True),
        (LogSource("windows", "process_creation"), SYSMON, False),
        (LogSource("windows", "process_creation"), {"EventID": 4688}, True),
        (LogSource("linux", "process_creation"), {"event.category": ("process",)}, True),
        (LogSource("linux", "process_creation"), {"event.category": ("network",)}, False),
        (LogSource("windows"), {"host.os.type": "linux"}, False),
        (LogSource("windows"), {"process.executable": "/usr/bin/sudo"}, False),
        (LogSource("windows"), {"event.provider": "journald"}, False),
        (LogSource("linux"), {"process.executable": "C:\\Windows\\cmd.exe"}, False),
        (LogSource("macos"), {"process.executable": "/bin/sh"}, True),
        (LogSource("windows"), {"process.name": "sshd"}, True),
        (LogSource("linux"), {"host.os.type": "Linux"}, True),
        (LogSource("fortigate"), {"host.os.type": "linux"}, True),
        (LogSource(None, "webserver"), {"event.category": "web"}, True),
        (LogSource(None, "dns"), {"event.category": ("web",)}, False),
        (LogSource("linux", None, "sshd"), {"service.name": "sshd"}, True),
        (LogSource("linux", None, "sshd"), {"service.name": "vsftpd"}, False),
        (LogSource("linux", None, "sshd"), {"process.name": "sshd-session", "event.provider": "journald"}, True),
        (LogSource("linux", None, "cron"), {"process.name": "CRON"}, True),
        (LogSource("linux", None, "auditd"), {"process.name": "bash", "observer.product": "auditd"}, True),
        (LogSource("linux", None, "clamav"), {"process.name": "clamd", "observer.product": "ClamAV"}, True),
        (LogSource("linux", None, "auth"), {"process.name": "sudo", "event.provider": "journald"}, True),
        (LogSource("linux", None, "syslog"), {"process.name": "named"}, True),
        (LogSource("linux", None, "auth"), {"process.executable": "C:\\Windows\\cmd.exe"}, False),
        (LogSource("linux", None, "sudo"), {"process.name": "bash", "observer.product": "auditd"}, False),
        (LogSource("cisco", None, "aaa"), {"process.name": "sshd", "event.provider": "journald"}, False),
        (LogSource("cisco", None, "aaa"), {"observer.vendor": "Cisco", "observer.product": "IOS"}, True),
        (LogSource("cisco", None, "aaa"), {"event.provider": "syslog"}, True),
        (LogSource("giamsat"), {"process.name": "sshd", "observer.vendor": "Cisco"}, True),
        (LogSource("paloalto"), {"observer.vendor": "Palo Alto Networks"}, True),
        (LogSource("zeek", None, "dns"), {"observer.product": "Suricata"}, False),
        (LogSource("apache", None, "error"), {"process.name": "apache2"}, True),
        (LogSource("django", "application"), {"process.name": "gunicorn"}, True),
        (LogSource("some", "thing_nobody_knows", "s"), {"event.category": ("web",)}, True),
        (LogSource("windows", "file_event"), {**SYSMON, "EventID": "9" * 5000}, True),
    ],
)
def test_an_event_is_kept_from_a_source_only_by_what_it_says(source, event, admitted):
    assert source_of(event).admits(source) is admitted


def test_what_is_remembered_of_one_event_is_not_said_of_another_that_looks_alike():
    sysmon = {"Channel": "Microsoft-Windows-Sysmon/Operational"}
    numbers = [source_of(sysmon | {"EventID": number}).sysmon for number in (1, True, 1.0, "1", 1)]
    speakers = [source_of({"process.name": name}).speakers for name in ("1", 1, True)]
    paths = [source_of({"process.executable": path}).systems for path in ("/bin/sh", "C:\\x", "C:/x", "sh")]

    assert numbers == [1, None, None, 1, 1]
    assert speakers == [{"1"}, {"1"}, {"true"}]
    assert paths == [UNIX, WINDOWS, SYSTEMS, SYSTEMS]


def test_what_log_sources_cannot_tell_apart_is_one():
    services = frozenset({"sshd"})
    products = frozenset({"cisco", "linux"})
    names = [source_of({"process.name": name}).among(services, products) for name in ("a", "b", "sshd")]
    makers = [source_of({"observer.vendor": name}).among(services, products) for name in ("A", "B", "Cisco", "CISCO")]
    numbers = [source_of(SYSMON | {"EventID": number}).among(services, products).sysmon for number in (11, 98, 99, 300)]
    categories = [
        source_of({"event.category": ("web", said)}).among(services, products).categories for said in ("x", "y", "dns")
    ]

    assert names[0] == names[1] != names[2]
    assert makers[0] == makers[1] != makers[2] == makers[3]
    assert len(set(numbers)) == 2
    assert len(set(categories)) == 1
