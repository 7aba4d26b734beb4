# SPDX-License-Identifier: Apache-2.0
"""The packets behind alerts: taken in from agents, kept as long as the events of their host are, found by the alert.

An agent names evidence by the hash of its bytes, in the anomaly and with the evidence, so the two find each other in
whatever order they come, and sending again adds nothing.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from giamsat_collector.alerts import pcap
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.alerts.pcap import Capture
from giamsat_collector.alerts.tables import evidence
from giamsat_collector.errors import RefusedError
from giamsat_wire.record import Event

KIND: Final = "packet-evidence"
ID: Final = "giamsat.evidence.id"
LINES: Final = 100
BYTES_PER_ASSET: Final = 32 << 20
"""When a host has more, its oldest evidence goes."""
_DAY_NS: Final = 86_400_000_000_000
_ID_LENGTH: Final = 32


class NoEvidenceError(RefusedError):
    """An alert has no packets."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A capture of one interface; `lines` say what its first frames are, and are as hostile as the frames."""

    id: str
    interface: str
    capture: Capture
    lines: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """What is told of it beside the packets themselves."""
        frames = len(self.capture.frames)
        return {"id": self.id, "interface": self.interface, "frames": frames, "lines": list(self.lines)}


def carried(event: Event) -> Mapping[str, Any]:
    """What an event of this kind carries, as a row that lacks whose it is and since when.

    Raises:
        RefusedError: it does not carry what it should.
    """
    raw = _raw(event)
    pcap.read(raw)
    values: dict[str, Any] = {
        "id": hashlib.sha256(raw).hexdigest()[:_ID_LENGTH],
        "interface": str(event.fields.get("observer.ingress.interface.name", ""))[:64],
        "pcap": raw,
        "size": len(raw),
        "lines": [str(line)[:300] for line in _texts(event, "giamsat.evidence.lines")[:LINES]],
    }
    if values["id"] != event.fields.get(ID):
        raise RefusedError("evidence whose bytes are not those its id names")
    return values


def keep(connection: Connection, asset: str, what: Mapping[str, Any], received_ns: int) -> None:
    """Keep what an asset's event carried; what is there already stays as it is."""
    row = {**what, "asset": asset, "received_ns": received_ns}
    connection.execute(insert(evidence).values(row).on_conflict_do_nothing())
    _bound(connection, asset)


def of_alert(connection: Connection, alert: Alert) -> tuple[Evidence, ...]:
    """The evidence that the events of an alert name, in their order."""
    wanted = list(dict.fromkeys(str(event[ID]) for event in alert.evidence if event.get(ID)))
    rows = connection.execute(select(evidence).where(evidence.c.asset == alert.asset, evidence.c.id.in_(wanted)))
    found = {row.id: Evidence(row.id, row.interface, pcap.read(row.pcap), tuple(row.lines)) for row in rows}
    return tuple(found[one] for one in wanted if one in found)


def files(found: Iterable[Evidence]) -> Mapping[int, bytes]:
    """All packets as one capture file for each link type, Ethernet nearly always.

    Raises:
        NoEvidenceError: there are none.
    """
    captures = [one.capture for one in found]
    if not captures:
        raise NoEvidenceError("no packets are kept for this alert: it is not about packets, or they are not here yet")
    return {kind: pcap.written(captures, kind) for kind in dict.fromkeys(one.link_type for one in captures)}


def forget(connection: Connection, kept_days: Callable[[str], int], now_ns: int, *, most: int) -> int:
    """Let go of what is older than the events of its host are kept, so many at once; how many they were."""
    gone, id_, received_ns = 0, evidence.c.id, evidence.c.received_ns
    oldest_ns = select(evidence.c.asset, func.min(received_ns)).group_by(evidence.c.asset)
    for asset, since_ns in connection.execute(oldest_ns).all():
        its, before_ns = evidence.c.asset == asset, now_ns - kept_days(asset) * _DAY_NS
        if since_ns < before_ns and gone < most:
            oldest = select(id_).where(its, received_ns < before_ns).order_by(received_ns).limit(most - gone)
            gone += connection.execute(delete(evidence).where(its, id_.in_(oldest))).rowcount
    return gone


def _bound(connection: Connection, asset: str) -> None:
    its = evidence.c.asset == asset
    total = connection.scalar(select(func.sum(evidence.c.size)).where(its)) or 0
    while total > BYTES_PER_ASSET:
        oldest = select(evidence.c.id, evidence.c.size).where(its).order_by(evidence.c.received_ns).limit(1)
        row = connection.execute(oldest).one()
        connection.execute(delete(evidence).where(its, evidence.c.id == row.id))
        total -= row.size


def _raw(event: Event) -> bytes:
    try:
        return base64.b64decode("".join(_texts(event, "giamsat.evidence.pcap")), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RefusedError("evidence that is not base64") from error


def _texts(event: Event, name: str) -> tuple[str, ...]:
    value = event.fields.get(name, ())
    return value if isinstance(value, tuple) else ()
