# SPDX-License-Identifier: Apache-2.0
"""The event that tells of an anomaly, or of what a policy may forbid."""

import hashlib
from collections.abc import Mapping
from typing import Final

from giamsat_agent import ecs
from giamsat_agent.packets.telling.report import Found
from giamsat_wire.record import Event, FieldValue

ABOUT: Final = frozenset(
    {
        "dns.question.registered_domain",
        "giamsat.anomaly.indicator",
        "giamsat.policy.subject",
        "network.protocol",
        "tls.client.ja4",
        "tls.client.server_name",
    }
)
"""Fields a report may bring beside those that are its own."""
_TRANSPORT: Final[Mapping[str, str]] = {
    "scan_tcp_vertical": "tcp",
    "scan_tcp_horizontal": "tcp",
    "scan_tcp_stealth": "tcp",
    "scan_ack": "tcp",
    "scan_udp": "udp",
    "scan_sctp": "sctp",
}


def event(report: Found, *, wall_ns: int, mono_ns: int) -> Event:
    """An anomaly as an event, and what a policy may forbid as another kind; without an interface it names none."""
    kind = report.kind.value
    fields: dict[str, FieldValue] = {
        "event.provider": "packets",
        "event.id": _identity(report),
        "event.reason": report.severity,
        f"giamsat.{kind}.class": report.name,
        "message": report.words[0],
    }
    if report.interface:
        fields["observer.ingress.interface.name"] = report.interface
    if report.evidence:
        fields["giamsat.evidence.id"] = report.evidence
    if report.source_ip:
        fields["source.ip"] = report.source_ip
    if report.source_mac:
        fields["source.mac"] = report.source_mac
    if report.name in _TRANSPORT:
        fields["network.transport"] = _TRANSPORT[report.name]
    addresses, ports = {ip for ip, _ in report.targets}, {port for _, port in report.targets if port}
    if len(addresses) == 1:
        fields["destination.ip"] = addresses.pop()
    if len(ports) == 1:
        fields["destination.port"] = ports.pop()
    fields.update({f"giamsat.{kind}.{name}": count for name, count in report.counts.items()})
    fields[f"giamsat.{kind}.seconds"] = max(report.last_ns - report.first_ns, 0) // 1_000_000_000
    fields.update({name: text for name, text in report.about.items() if name in ABOUT})
    return ecs.event(f"packet-{kind}", wall_ns=wall_ns, mono_ns=mono_ns, fields=fields)


def _identity(report: Found) -> str:
    who = f"{report.interface}|{report.name}|{report.source_ip}|{report.source_mac}|{report.targets[:1]}"
    key = f"{who}|{report.first_ns}|{report.last_ns}"
    return hashlib.sha256(f"{key}|{sorted(report.counts.items())}".encode()).hexdigest()[:32]
