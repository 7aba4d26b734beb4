# SPDX-License-Identifier: Apache-2.0
"""A minute of flows, as an event tells it. Pure; what comes from a network is as hostile as the network."""

from dataclasses import dataclass
from typing import Any, Final

from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import instant
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.errors import MalformedError
from giamsat_wire.flow import FlowRow, read
from giamsat_wire.record import Event, FieldValue

KIND: Final = "flow-summary"
LINES: Final = 1_024
SECONDS: Final = 600
"""The longest a summary may say it is of; the sensor makes one each minute."""
TRANSPORTS: Final = {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp"}
"""ECS network.transport; another protocol is told by its number (IANA)."""
_FLAGS: Final = "FSRPAU"
_MOST: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Minute:
    """Flows of one interface from `start_ns` to `end_ns` (UNIX nanoseconds); the rest are sums of what has no line."""

    asset: str
    interface: str
    start_ns: int
    end_ns: int
    rows: tuple[FlowRow, ...]
    rest_flows: int = 0
    rest_packets: int = 0
    rest_bytes: int = 0


def told(asset: str, event: Event, at_ns: int) -> Minute:
    """The minute an event of an asset tells, which ended at `at_ns` by the collector's clock.

    Raises:
        RefusedError: it is not what such an event should be.
    """
    texts, interface = event.fields.get("giamsat.flows.lines", ()), event.fields.get("observer.ingress.interface.name")
    if not isinstance(texts, tuple) or not isinstance(interface, str) or not 0 < len(interface) <= 64:  # noqa: PLR2004
        raise RefusedError("a minute of flows without its lines or interface")
    lines = [line for text in texts for line in text.split("\n") if line]
    if len(lines) > LINES:
        raise RefusedError(f"a minute of {len(lines)} flows; at most {LINES} are taken")
    try:
        rows = tuple(read(line) for line in lines)
    except MalformedError as error:
        raise RefusedError(str(error)) from error
    seconds = min(_count(event.fields.get("giamsat.flows.seconds")), SECONDS)
    rest = (_count(event.fields.get(f"giamsat.flows.rest.{name}")) for name in ("flows", "packets", "bytes"))
    return Minute(asset, interface, at_ns - seconds * SECOND_NS, at_ns, rows, *rest)


def as_json(asset: str, interface: str, start_ns: int, row: FlowRow) -> dict[str, Any]:
    """A flow in ECS fields, as `giamsat-agent packets flows --json` says it, with who saw it."""
    begin_ns = start_ns + row.start_ms * 1_000_000
    shape: dict[str, Any] = {
        "source": _end(row.source, row.source_port, row.sent_packets, row.sent_bytes),
        "destination": _end(row.destination, row.destination_port, row.received_packets, row.received_bytes),
        "network": {
            "transport": TRANSPORTS.get(row.protocol, str(row.protocol)),
            "packets": row.sent_packets + row.received_packets,
            "bytes": row.sent_bytes + row.received_bytes,
        },
        "event": {
            "start": instant(begin_ns),
            "end": instant(begin_ns + row.length_ms * 1_000_000),
            "duration": row.length_ms * 1_000_000,
        },
        "agent": {"id": asset},
        "observer": {"ingress": {"interface": {"name": interface}}},
    }
    if row.name:
        shape["destination"]["domain"] = row.name
    if TRANSPORTS.get(row.protocol) == "tcp":
        shape["tcp"] = {"flags": "".join(name for bit, name in enumerate(_FLAGS) if row.flags >> bit & 1)}
    return shape


def _end(ip: str, port: int, packets: int, size: int) -> dict[str, Any]:
    return {"ip": ip, "port": port or None, "packets": packets, "bytes": size}


def _count(value: FieldValue | None) -> int:
    return min(max(int(value), 0), _MOST) if isinstance(value, int) else 0
