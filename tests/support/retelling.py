# SPDX-License-Identifier: Apache-2.0
"""What a case says happened, as programs and devices would write it into their logs."""

from xml.sax.saxutils import escape

FORTIGATE = 'date=2026-11-23 time=16:00:00 devname="{name}" devid="FGT60F0000000001" vd="root" level="notice"'
SECURITY = "Microsoft-Windows-Security-Auditing"
SYSMON = "Microsoft-Windows-Sysmon"


def lines(fields):
    """The line an event could have come from in each form it could have had; none when no form here tells of it."""
    writer = _WRITERS.get(fields.get("event.action"))
    return writer(fields) if writer else []


def windows(number, channel, data):
    """An event of Windows as XML."""
    provider = SYSMON if SYSMON in channel else SECURITY
    system = f"<Provider Name='{provider}'/><EventID>{number}</EventID><Channel>{channel}</Channel>"
    values = "".join(f"<Data Name='{name}'>{escape(str(value))}</Data>" for name, value in data.items())
    return f"<Event xmlns='x'><System>{system}<Computer>pc1</Computer></System><EventData>{values}</EventData></Event>"


def _syslog(program, text):
    return f"<86>Nov 23 16:00:00 web {program}: {text}"


def _fortigate(fields, text):
    return f"<189>{FORTIGATE.format(name=fields.get('observer.name', 'fw'))} {text}"


def _process(fields):
    """An execution as the Security log, Sysmon, and a shipper's JSON tell of it."""
    if fields.get("host.os.type") != "windows":
        return []
    names = {"CommandLine": "process.command_line", "ParentProcessName": "process.parent.executable"}
    own = {"NewProcessName": fields["process.executable"], "SubjectUserName": fields["user.name"]}
    own |= {name: fields[field] for name, field in names.items() if field in fields}
    renamed = {"NewProcessName": "Image", "ParentProcessName": "ParentImage", "SubjectUserName": "User"}
    sysmon = {renamed.get(name, name): value for name, value in own.items()}
    return [windows(4688, "Security", own), windows(1, f"{SYSMON}/Operational", sysmon)]


def _login(fields):
    source, user, failed = fields.get("source.ip"), fields.get("user.name"), fields["event.outcome"] == "failure"
    if source is None or user is None or "winlog.logon.type" in fields:
        return []
    if "administrator" in fields.get("user.roles", ()):
        status = "failed" if failed else "success"
        words = f'logid="0100032001" type="event" subtype="system" action="login" status="{status}"'
        return [_fortigate(fields, f'{words} user="{user}" srcip={source} ui="https({source})"')]
    if fields.get("process.name") == "sshd":
        unknown = "invalid user " if fields.get("event.reason") == "invalid user" else ""
        outcome = "Failed" if failed else "Accepted"
        return [_syslog("sshd[9]", f"{outcome} password for {unknown}{user} from {source} port 4 ssh2")]
    if fields.get("process.name") == "dovecot" and failed:
        reason = "auth failed, 1 attempts in 2 secs"
        return [
            _syslog(
                "dovecot",
                f"imap-login: Disconnected ({reason}): user=<{user}>, method=PLAIN, rip={source}, lip=192.0.2.1",
            )
        ]
    return []


def _connection(fields):
    if "destination.ip" not in fields or "source.ip" not in fields:
        return []
    action = "deny" if fields["event.action"] == "connection-denied" else "accept"
    ends = f"srcip={fields['source.ip']} dstip={fields['destination.ip']} dstport={fields.get('destination.port', 0)}"
    return [_fortigate(fields, f'logid="0000000013" type="traffic" subtype="forward" {ends} proto=6 action="{action}"')]


def _service(fields):
    return [_syslog("systemd[1]", f"Stopped {fields['service.name']} - A service.")]


def _crash(fields):
    name, reason = fields["process.name"], fields.get("event.reason")
    if reason == "out of memory":
        return [_syslog("kernel", f"[ 12.345678] Out of memory: Killed process 9 ({name}) total-vm:9kB")]
    return [_syslog("kernel", f"[ 12.345678] {name}[9]: segfault at 0 ip 1 sp 2 error 4 in {name}[1+1]")]


def _switch(fields):
    failed = "FAILED SU " if fields["event.outcome"] == "failure" else ""
    return [_syslog("su[9]", f"{failed}(to {fields['user.effective.name']}) {fields['user.name']} on pts/0")]


_WRITERS = {
    "connection-allowed": _connection,
    "connection-denied": _connection,
    "device-ha-changed": lambda fields: [
        _fortigate(fields, 'logid="0108037892" type="event" subtype="ha" logdesc="Virtual cluster member state moved"')
    ],
    "device-restarted": lambda fields: [
        _fortigate(fields, 'logid="0100032009" type="event" subtype="system" action="reboot" msg="Rebooted"')
    ],
    "process-crashed": _crash,
    "process-started": _process,
    "service-stopped": _service,
    "user-account-locked": lambda fields: [windows(4740, "Security", {"TargetUserName": fields["user.name"]})],
    "user-login": _login,
    "user-switched": _switch,
}
