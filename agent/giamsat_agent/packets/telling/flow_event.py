# SPDX-License-Identifier: Apache-2.0
"""The event that tells of a minute's flows."""

from collections.abc import Iterable, Iterator
from typing import Final

from giamsat_agent import ecs
from giamsat_agent.packets.telling.report import FlowMinute
from giamsat_wire.record import Event, FieldValue

KIND: Final = "flow-summary"
PIECE: Final = 8_000
"""Characters of one text on the wire."""


def size(report: FlowMinute) -> int:
    """The bytes its lines take."""
    return sum(len(line) + 1 for line in report.lines)


def event(report: FlowMinute, *, wall_ns: int, mono_ns: int) -> Event:
    """A minute as an event. `giamsat.flows.lines` are texts of many lines each (giamsat_wire.flow)."""
    fields: dict[str, FieldValue] = {
        "event.provider": "packets",
        "observer.ingress.interface.name": report.interface,
        "giamsat.flows.seconds": max(report.end_ns - report.start_ns, 0) // 1_000_000_000,
        "giamsat.flows.lines": tuple(_pieces(report.lines)),
        "giamsat.flows.rest.flows": report.rest_flows,
        "giamsat.flows.rest.packets": report.rest_packets,
        "giamsat.flows.rest.bytes": report.rest_bytes,
        "giamsat.flows.not_ip": report.not_ip,
    }
    return ecs.event(KIND, wall_ns=wall_ns, mono_ns=mono_ns, fields=fields)


def _pieces(lines: Iterable[str]) -> Iterator[str]:
    piece: list[str] = []
    length = 0
    for line in lines:
        if length + len(line) + 1 > PIECE:
            yield "\n".join(piece)
            piece, length = [], 0
        piece.append(line)
        length += len(line) + 1
    if piece:
        yield "\n".join(piece)
