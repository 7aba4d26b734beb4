# SPDX-License-Identifier: Apache-2.0
"""What the page of flows prints."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.alerts.grouping import folded
from giamsat_collector.alerts.shape import main_source
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import Choice, at
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.traffic.minute import TRANSPORTS
from giamsat_collector.traffic.search import PORTS, Found, network
from giamsat_collector.traffic.search import Wanted as Searched
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.flow import FlowRow

LIMIT: Final = 200
HOURS: Final = {"1": "1 giờ qua", "6": "6 giờ qua", "24": "24 giờ qua", "168": "7 ngày qua"}
_HOUR_NS: Final = 3_600 * SECOND_NS
_SPAN: Final = re.compile(r"\A([0-3]?[0-9]{1,9})-([0-3]?[0-9]{1,9})\Z")
"""A time that is over, from one UNIX second to another; the page of an alert asks for its own."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which flows to show, as it was written; empty means any. `host` is matched in name and unit of a sensor."""

    NAMES: ClassVar = ("address", "port", "name", "host", "hours")

    address: str = ""
    port: str = ""
    name: str = ""
    host: str = ""
    hours: str = "1"

    @classmethod
    def parse(cls, said: Mapping[str, str]) -> "Wanted":
        """What a reader asked for; a time that is not offered is the last hour."""
        hours = said["hours"] if said["hours"] in HOURS or _SPAN.match(said["hours"]) else "1"
        return cls(said["address"], said["port"], said["name"], said["host"], hours)

    @property
    def span_ns(self) -> tuple[int, int] | None:
        """From when to when, where no time is asked for that ends now."""
        span = _SPAN.match(self.hours)
        return None if span is None else (int(span[1]) * SECOND_NS, int(span[2]) * SECOND_NS)

    def search(self, registry: Registry, now_ns: int) -> Searched:
        """The search for it.

        Raises:
            RefusedError: the address or the port is none.
        """
        if self.port and not (self.port.isdecimal() and len(self.port) <= len(str(PORTS)) and int(self.port) <= PORTS):
            raise RefusedError(f"{self.port[:20]!r} is no port")
        sensors = [one.asset for one in registry if self._fits(f"{one.name} {one.unit_name} {one.unit} {one.asset}")]
        span = self.span_ns or (now_ns - int(self.hours) * _HOUR_NS, now_ns + _HOUR_NS)
        return Searched(
            since_ns=span[0],
            until_ns=span[1],
            network=network(self.address),
            port=int(self.port or 0),
            name=self.name,
            assets=sensors if self.host else None,
        )

    def _fits(self, said: str) -> bool:
        return all(word in folded(said) for word in folded(self.host).split())


@dataclass(frozen=True, slots=True)
class FlowRowView:
    """One flow of one minute."""

    at: Moment
    transport: str
    source: str
    destination: str
    name: str
    sent: str
    received: str
    packets: str
    seconds: str
    sensor: str
    asset: str

    @classmethod
    def of(cls, asset: str, start_ns: int, row: FlowRow, registry: Registry, reader: Reader) -> "FlowRowView":
        """A flow as it looks to a reader."""
        return cls(
            at=reader.moment(start_ns + row.start_ms * 1_000_000),
            transport=TRANSPORTS.get(row.protocol, str(row.protocol)),
            source=_end(row.source, row.source_port),
            destination=_end(row.destination, row.destination_port),
            name=words.visible(row.name),
            sent=_size(row.sent_bytes, reader),
            received=_size(row.received_bytes, reader),
            packets=reader.number(row.sent_packets + row.received_packets),
            seconds=reader.number(row.length_ms // 1_000),
            sensor=words.visible(registry.placement(asset).name),
            asset=asset,
        )


@dataclass(frozen=True, slots=True)
class FlowsView:
    """The flows that were found, the newest minute first. `problem` says why nothing was looked for."""

    rows: tuple[FlowRowView, ...]
    wanted: Wanted
    hours: tuple[Choice, ...]
    summary: str
    problem: str

    @classmethod
    def of(cls, found: Found, wanted: Wanted, problem: str, registry: Registry, reader: Reader) -> "FlowsView":
        """What was found as it looks to a reader."""
        summary = reader.text(
            "{number} luồng, {size} trong {minutes} phút đã ghi; ngoài các luồng ghi chi tiết: {others}",
            number=f"{reader.number(len(found.flows))}{'+' if found.more else ''}",
            size=_size(found.bytes, reader),
            minutes=reader.number(found.minutes),
            others=_size(found.others, reader),
        )
        return cls(
            rows=tuple(FlowRowView.of(asset, start, row, registry, reader) for asset, _, start, row in found.flows),
            wanted=wanted,
            hours=tuple(_times(wanted, reader)),
            summary=summary if found.minutes else "",
            problem=problem,
        )


def during(alert: Alert) -> str:
    """Where the flows of an alert's main source are shown while it went on; empty where it has no such address."""
    source = main_source(alert) or ""
    try:
        known = network(source) is not None
    except RefusedError:
        known = False
    span = f"{max(alert.first_ns, 0) // SECOND_NS}-{max(alert.last_ns, 0) // SECOND_NS + 1}"
    return at("/flows", [("address", source), ("hours", span)]) if known else ""


def _times(wanted: Wanted, reader: Reader) -> Iterator[Choice]:
    if wanted.span_ns is not None:
        first, last = map(reader.moment, wanted.span_ns)
        yield Choice(f"{first.local} – {last.local}", "", wanted.hours, current=True)
    for code, word in HOURS.items():
        yield Choice(reader.text(word), "", code, code == wanted.hours)


def _end(ip: str, port: int) -> str:
    return ip if not port else f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def _size(count: int, reader: Reader) -> str:
    """Bytes in the largest unit of a thousand that leaves at least one."""
    for unit, least in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= least:
            return f"{reader.decimal(count / least, 1)} {unit}"
    return f"{count} B"
