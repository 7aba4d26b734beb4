# SPDX-License-Identifier: Apache-2.0
"""Sigma's taxonomy beside ECS: under which names an event may hold what a rule calls by one.

A rule's own word always counts first, so an event that uses it is read as it is; the ECS names count for the rest. The
pairs follow the Sigma taxonomy appendix and the ECS field reference.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from giamsat_rules.rule import Fields
from giamsat_wire.record import FieldValue

ECS: Final[Mapping[str, tuple[str, ...]]] = {
    # processes
    "Image": ("process.executable", "process.name"),
    "CommandLine": ("process.command_line",),
    "CurrentDirectory": ("process.working_directory",),
    "OriginalFileName": ("process.pe.original_file_name",),
    "ParentImage": ("process.parent.executable", "process.parent.name"),
    "NewProcessName": ("process.executable",),
    "ParentProcessName": ("process.parent.executable",),
    "ParentCommandLine": ("process.parent.command_line",),
    "ProcessId": ("process.pid",),
    "ParentProcessId": ("process.parent.pid",),
    "ProcessName": ("process.name", "process.executable"),
    "LogonId": ("winlog.logon.id",),
    "User": ("user.name",),
    "TargetUserName": ("group.name", "user.target.name", "user.name"),
    "TargetDomainName": ("group.domain", "user.target.domain", "user.domain"),
    "SubjectUserName": ("winlog.subject_user", "user.name"),
    "MemberName": ("user.target.name",),
    "MemberSid": ("user.target.id",),
    "LogonType": ("winlog.logon.type",),
    "SubStatus": ("winlog.sub_status",),
    "AuthenticationPackageName": ("winlog.authentication_package",),
    "WorkstationName": ("source.domain",),
    "Workstation": ("source.domain",),
    "ServiceName": ("service.name",),
    "ServiceFileName": ("process.executable",),
    "ImagePath": ("process.executable",),
    "TaskName": ("service.name",),
    "ScriptBlockText": ("powershell.file.script_block_text",),
    "IntegrityLevel": ("winlog.event_data.IntegrityLevel",),
    # files, registry
    "TargetFilename": ("file.path",),
    "SourceFilename": ("file.path",),
    "FileName": ("file.name", "file.path"),
    "Filename": ("file.path", "file.name"),
    "Signature": ("threat.name",),
    "ImageLoaded": ("dll.path", "file.path"),
    "TargetObject": ("registry.path",),
    "Details": ("registry.data.strings",),
    # auditd, syslog
    "exe": ("process.executable",),
    "comm": ("process.name",),
    "name": ("file.path",),
    **{f"a{number}": (f"auditd.data.a{number}",) for number in range(8)},
    "type": ("auditd.message_type", "event.code"),
    "SYSCALL": ("auditd.data.syscall", "auditd.syscall"),
    "syscall": ("auditd.data.syscall", "auditd.syscall"),
    "key": ("auditd.data.key", "rule.name"),
    "nametype": ("auditd.data.nametype",),
    "auid": ("user.audit.id",),
    "uid": ("user.id",),
    "euid": ("user.effective.id",),
    "acct": ("user.target.name", "user.name"),
    "cwd": ("process.working_directory",),
    "tty": ("process.tty",),
    "unit": ("service.name",),
    "op": ("event.reason",),
    "proctitle": ("process.command_line",),
    # network, firewall
    "Initiated": ("network.initiated",),
    "Protocol": ("network.transport",),
    "protocol": ("network.transport",),
    "SourceIp": ("source.ip",),
    "SourcePort": ("source.port",),
    "DestinationIp": ("destination.ip",),
    "DestinationPort": ("destination.port",),
    "DestinationHostname": ("destination.domain",),
    "IpAddress": ("source.ip",),
    "IpPort": ("source.port",),
    "src_ip": ("source.ip",),
    "src_port": ("source.port",),
    "dst_ip": ("destination.ip",),
    "dst_port": ("destination.port",),
    "action": (
        *("fortinet.firewall.action", "panw.panos.action", "checkpoint.action", "suricata.action"),
        *("event.action", "event.outcome"),
    ),
    "cfgpath": ("fortinet.firewall.cfgpath",),
    "id.orig_h": ("source.ip",),
    "id.orig_p": ("source.port",),
    "id.resp_h": ("destination.ip",),
    "id.resp_p": ("destination.port",),
    # names
    "QueryName": ("dns.question.name",),
    "QueryResults": ("dns.answers.data", "dns.resolved_ip"),
    "query": ("dns.question.name",),
    "answer": ("dns.answers.data", "dns.resolved_ip"),
    "answers": ("dns.answers.data", "dns.resolved_ip"),
    "record_type": ("dns.question.type",),
    "qtype_name": ("dns.question.type",),
    "parent_domain": ("dns.question.registered_domain",),
    # web servers and proxies
    "c-ip": ("source.ip", "client.ip"),
    "cs-username": ("user.name",),
    "s-ip": ("destination.ip", "server.ip"),
    "r-ip": ("destination.ip",),
    "dst-port": ("destination.port",),
    "s-port": ("destination.port", "server.port"),
    "cs-method": ("http.request.method",),
    "cs-host": ("url.domain", "destination.domain"),
    "r-dns": ("url.domain", "destination.domain"),
    "cs-uri": ("url.original", "url.full"),
    "c-uri": ("url.original", "url.full"),
    "c-uri-query": ("url.query",),
    "c-uri-stem": ("url.path",),
    "c-uri-extension": ("url.extension",),
    "cs-uri-query": ("url.original", "url.query"),
    "cs-uri-stem": ("url.path", "url.original"),
    "cs-version": ("http.version",),
    "cs-cookie": ("http.request.cookie",),
    "cs-bytes": ("http.request.bytes", "source.bytes"),
    "sc-bytes": ("http.response.bytes", "destination.bytes"),
    "sc-status": ("http.response.status_code",),
    "cs-referer": ("http.request.referrer",),
    "cs-referrer": ("http.request.referrer",),
    "c-useragent": ("user_agent.original",),
    "cs-user-agent": ("user_agent.original",),
    "useragent": ("user_agent.original",),
    "user_agent": ("user_agent.original",),
    "referrer": ("http.request.referrer",),
    "uri": ("url.original", "url.path"),
    "method": ("http.request.method",),
    "status_code": ("http.response.status_code",),
    "host": ("url.domain", "host.name"),
    # who speaks
    "Channel": ("winlog.channel",),
    "Provider_Name": ("winlog.provider_name", "event.provider"),
    "EventID": ("winlog.event_id", "event.code"),
    "Computer": ("host.name",),
    "ComputerName": ("host.name",),
    "eventName": ("event.action",),
    "eventSource": ("event.provider",),
    "sourceIPAddress": ("source.ip",),
    "userAgent": ("user_agent.original",),
    "message": ("event.original",),
    "Message": ("message", "event.original"),
}
"""ECS names for Sigma's, the likelier first."""
EVERY: Final = frozenset({"action", "cs-uri-query"})
"""Fields of which every name counts: a device has a word of its own beside ours for what it did, and rules written for
servers that log the whole target in the query ask for it there."""
EVENT_DATA: Final = "winlog.event_data."
"""Where a Windows event says what has no name in ECS."""
_OF_WINDOWS: Final = re.compile(r"[A-Z]\w*")
"""The names of its values are words in camel case."""


Getter: TypeAlias = Callable[[Fields], FieldValue | None]
"""Reads one thing of an event."""


def names(field: str) -> tuple[str, ...]:
    """Every name under which an event may hold `field`, in the order they count."""
    if field in ECS:
        return (field, *ECS[field])
    return (field, EVENT_DATA + field) if _OF_WINDOWS.fullmatch(field) else (field,)


def getter(field: str) -> Getter:
    """How to read what a rule calls `field`: its first name that the event has."""
    every = names(field)
    if len(every) == 1:
        return lambda fields: fields.get(field)

    if field in EVERY:
        return lambda fields: _together([fields[name] for name in every if name in fields])

    def found(fields: Fields) -> FieldValue | None:
        for name in every:
            value = fields.get(name)
            if value is not None:
                return value
        return None

    return found


def _together(values: list[FieldValue]) -> FieldValue | None:
    """Values of one field under several names."""
    if len(values) < 2:  # noqa: PLR2004 - none, or one as it is
        return values[0] if values else None
    return tuple(str(value) for value in values)
