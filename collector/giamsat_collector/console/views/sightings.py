# SPDX-License-Identifier: Apache-2.0
"""What the page of sighted hosts prints."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_collector.alerts.grouping import folded
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import Choice, at
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.sightings.hosts import Host, State, unwatched
from giamsat_collector.sightings.vendor import RANDOM

PAGE: Final = 200
STATES: Final = {
    State.UNKNOWN: "chưa có agent",
    State.REGISTERED: "đã ghi sổ",
    State.DEVICE: "thiết bị được hỏi",
    State.AGENT: "có agent",
}
COVERED: Final = {State.UNKNOWN: "unmet", State.REGISTERED: "partly", State.DEVICE: "met", State.AGENT: "met"}
"""The class that coverage's states have."""


@dataclass(frozen=True, slots=True)
class SightingRow:
    """One host of a network."""

    mac: str
    vendor: str
    state: str
    state_code: str
    host: str
    name: str
    addresses: tuple[str, ...]
    system: str
    services: tuple[str, ...]
    unit: str
    segments: tuple[str, ...]
    first: Moment
    last: Moment
    age: str

    @classmethod
    def of(cls, host: Host, unit: str, reader: Reader) -> "SightingRow":
        """A host as it looks to a reader."""
        return cls(
            mac=host.mac,
            vendor=reader.text("địa chỉ tự đặt") if host.vendor == RANDOM else words.visible(host.vendor),
            state=reader.text(STATES[host.state]),
            state_code=COVERED[host.state],
            host=f"/hosts/{host.bearer}" if host.state is State.AGENT else "",
            name=words.visible(host.name),
            addresses=tuple(map(words.visible, host.addresses)),
            system=words.visible(host.vendor_class),
            services=tuple(map(words.visible, host.services)),
            unit=words.visible(unit),
            segments=tuple(words.visible(segment) for _, segment in host.seen_by),
            first=reader.moment(host.first_ns),
            last=reader.moment(host.last_ns),
            age=reader.age(host.last_ns),
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which hosts to show; empty means any. `text` is matched without accents, `unit` is an id."""

    text: str = ""
    state: str = ""
    unit: str = ""

    def fits(self, host: Host, unit: str) -> bool:
        """Whether a host is wanted."""
        said = folded(" ".join([host.mac, host.vendor, host.name, *host.addresses, *host.services, host.unit, unit]))
        return (
            (not self.state or host.state == self.state)
            and (not self.unit or host.unit == self.unit)
            and all(word in said for word in folded(self.text).split())
        )


@dataclass(frozen=True, slots=True)
class SightingsView:
    """The hosts that are wanted, those nobody watches first, a page at a time."""

    rows: tuple[SightingRow, ...]
    unwatched: str
    shown: str
    text: str
    unit: str
    states: tuple[Choice, ...]
    refresh: str
    following: str
    first: str

    @classmethod
    def of(
        cls, hosts: Sequence[Host], wanted: Wanted, start: int, registry: Registry, reader: Reader
    ) -> "SightingsView":
        """The hosts as they look to a reader."""
        named = [(host, _unit(host.unit, registry)) for host in hosts]
        fitting = [(host, unit) for host, unit in named if wanted.fits(host, unit)]
        shown = fitting[start : start + PAGE]
        set_ = {"text": wanted.text, "state": wanted.state, "unit": wanted.unit}
        filters = [(name, value) for name, value in set_.items() if value]
        count = sum(unwatched(host for host, _ in fitting).values())
        return cls(
            rows=tuple(SightingRow.of(host, unit, reader) for host, unit in shown),
            unwatched=reader.text("{number} máy chưa có agent", count=count, number=reader.number(count)),
            shown=reader.text(
                "{shown} trong {number} máy",
                count=len(fitting),
                shown=reader.number(len(shown)),
                number=reader.number(len(fitting)),
            ),
            text=wanted.text,
            unit=wanted.unit,
            states=_choices(wanted.state, reader),
            refresh=at("/sightings", [*filters, ("skip", str(start))]),
            following=at("/sightings", [*filters, ("skip", str(start + PAGE))]) if start + PAGE < len(fitting) else "",
            first=at("/sightings", filters) if start else "",
        )


def _choices(chosen: str, reader: Reader) -> tuple[Choice, ...]:
    every: Iterable[tuple[str, str]] = [("", "tất cả"), *((one.value, word) for one, word in STATES.items())]
    return tuple(Choice(reader.text(word), "", code, code == chosen) for code, word in every)


def _unit(unit: str, registry: Registry) -> str:
    known = registry.units.get(unit)
    return known.name if known else unit
