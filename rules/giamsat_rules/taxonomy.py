# SPDX-License-Identifier: Apache-2.0
"""Sigma's taxonomy beside ECS: under which names an event may hold what a rule calls by one.

A rule's own word always counts first, so an event that uses it is read as it is; the ECS names count for the rest. The
pairs follow the Sigma taxonomy appendix and the ECS field reference.
"""

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
    "ParentCommandLine": ("process.parent.command_line",),
    "ProcessId": ("process.pid",),
    "ParentProcessId": ("process.parent.pid",),
    "ProcessName": ("process.name", "process.executable"),
    "LogonId": ("winlog.logon.id",),
    "User": ("user.name",),
    "TargetUserName": ("user.target.name", "user.name"),
    "SubjectUserName": ("user.name",),
    "IntegrityLevel": ("winlog.event_data.IntegrityLevel",),
    # files, registry
    "TargetFilename": ("file.path",),
    "SourceFilename": ("file.path",),
    "FileName": ("file.name", "file.path"),
    "ImageLoaded": ("dll.path", "file.path"),
    "TargetObject": ("registry.path",),
    "Details": ("registry.data.strings",),
    # auditd, syslog
    "a0": ("auditd.data.a0",),
    "a1": ("auditd.data.a1",),
    "a2": ("auditd.data.a2",),
    "a3": ("auditd.data.a3",),
    "exe": ("process.executable",),
    "comm": ("process.name",),
    "name": ("file.path",),
    "type": ("auditd.message_type",),
    "SYSCALL": ("auditd.data.syscall",),
    "syscall": ("auditd.data.syscall",),
    "key": ("auditd.data.key",),
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
    "action": ("event.action", "event.outcome"),
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
    "cs-uri-query": ("url.query", "url.original"),
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
    "uri": ("url.original", "url.path"),
    "method": ("http.request.method",),
    "status_code": ("http.response.status_code",),
    "host": ("host.name", "url.domain"),
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


Getter: TypeAlias = Callable[[Fields], FieldValue | None]
"""Reads one thing of an event."""


def names(field: str) -> tuple[str, ...]:
    """Every name under which an event may hold `field`, in the order they count."""
    return (field, *ECS.get(field, ()))


def getter(field: str) -> Getter:
    """How to read what a rule calls `field`: its first name that the event has."""
    if field not in ECS:
        return lambda fields: fields.get(field)
    every = names(field)

    def found(fields: Fields) -> FieldValue | None:
        for name in every:
            value = fields.get(name)
            if value is not None:
                return value
        return None

    return found
