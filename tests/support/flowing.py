# SPDX-License-Identifier: Apache-2.0
"""Flows of networks as sensors tell of them."""

from giamsat_collector.traffic.minute import KIND, Minute
from giamsat_wire.flow import FlowRow
from giamsat_wire.record import Event

SECOND_NS = 1_000_000_000
WEB = FlowRow(6, "10.0.0.5", 50_000, "203.0.113.7", 443, 12, 3_400, 10, 90_000, 27, 120, 59_000, "tep.example.vn")
NAMES = FlowRow(17, "10.0.0.6", 5_353, "10.0.0.1", 53, 1, 60, 1, 200, 0, 0, 1)
SIX = FlowRow(58, "2001:db8::5", 0, "2001:db8::1", 0, 4, 400, 4, 400, 0, 0, 9)


def minute(*rows, asset="A1", start_ns=0, interface="eth0", **rest):
    """One that a sensor told."""
    return Minute(asset, interface, start_ns, start_ns + 60 * SECOND_NS, rows, **rest)


def event(*lines, wall_ns=1, **said):
    """The event that tells of one; `said` replaces its fields."""
    fields = {
        "observer.ingress.interface.name": "eth0",
        "giamsat.flows.seconds": 60,
        "giamsat.flows.lines": tuple(lines),
        "giamsat.flows.rest.flows": 7,
        "giamsat.flows.rest.packets": 8,
        "giamsat.flows.rest.bytes": 9,
        **{f"giamsat.flows.{name}": value for name, value in said.items()},
    }
    return Event(KIND, wall_ns, 0, fields)
