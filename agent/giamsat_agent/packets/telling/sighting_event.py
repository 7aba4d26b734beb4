# SPDX-License-Identifier: Apache-2.0
"""The event that tells of a host of the network: whom the sensor saw, never what it thinks of it."""

from giamsat_agent import ecs
from giamsat_agent.packets.telling.report import Sighted
from giamsat_wire.record import Event, FieldValue

KIND = "host-sighted"


def event(report: Sighted, *, wall_ns: int, mono_ns: int) -> Event:
    """A sighting as an event. `giamsat.sighting.segment` is the interface, with the VLAN where there is one."""
    segment = f"{report.interface}.{report.vlan}" if report.vlan else report.interface
    fields: dict[str, FieldValue] = {
        "event.provider": "packets",
        "source.mac": report.mac,
        "giamsat.sighting.segment": segment,
        "giamsat.sighting.fresh": report.fresh,
        "giamsat.sighting.seconds": max(report.last_ns - report.first_ns, 0) // 1_000_000_000,
        "giamsat.sighting.ago_seconds": min(max(wall_ns - report.last_ns, 0) // 1_000_000_000, 86_400),
        "observer.ingress.interface.name": report.interface,
    }
    if report.addresses:
        fields["source.ip"] = report.addresses[-1]
        fields["giamsat.sighting.addresses"] = report.addresses
    if report.vlan:
        fields["network.vlan.id"] = str(report.vlan)
    if report.name:
        fields["source.domain"] = report.name
    if report.vendor_class:
        fields["giamsat.sighting.vendor_class"] = report.vendor_class
    if report.services:
        fields["giamsat.sighting.services"] = report.services
    return ecs.event(KIND, wall_ns=wall_ns, mono_ns=mono_ns, fields=fields)
