# SPDX-License-Identifier: Apache-2.0
"""What the availability page prints."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from giamsat_collector.availability.maintenance import Maintenance
from giamsat_collector.availability.minutes import MINUTE_NS, Tally, hours, percent
from giamsat_collector.availability.month import Availability, Month
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.registry.snapshot import Registry

GOOD: Final = 0.99
"""From this share on a system is shown as met; the standard names none, this only colours the page."""


@dataclass(frozen=True, slots=True)
class AvailabilityRow:
    """One system in a month. `state` is one of the classes that coverage's states have."""

    system: str
    name: str
    unit: str
    level: str
    state: str
    available: str
    known: str
    down: str
    unknown: str
    maintenance: str
    outages: tuple[str, ...]
    declared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MaintenanceRow:
    """A maintenance that goes on or is to come. `asks`: the reader may be the second person it needs."""

    number: str
    system: str
    level: str
    begin: Moment
    end: Moment
    reason: str
    people: str
    state: str
    asks: bool

    @classmethod
    def of(cls, one: Maintenance, user: str, registry: Registry, reader: Reader) -> "MaintenanceRow":
        """A maintenance as it looks to a reader who may agree."""
        system = registry.systems.get(one.system)
        silent = one.silences(system.level if system else None, one.from_ns)
        mine = user.casefold() == one.author.casefold()
        return cls(
            number=str(one.id),
            system=words.visible(system.name if system else one.system),
            level=words.level(reader, system.level if system else None),
            begin=reader.moment(one.from_ns),
            end=reader.moment(one.to_ns),
            reason=words.visible(one.reason),
            people=words.visible(" + ".join(filter(None, (one.author, one.second)))),
            state=reader.text("cảnh báo được để riêng" if silent else "chờ người thứ hai để cảnh báo được để riêng"),
            asks=not silent and not mine,
        )


@dataclass(frozen=True, slots=True)
class AvailabilityView:
    """A month of every system that is checked, the worst first; and maintenance that goes on or is to come."""

    month: str
    title: str
    rows: tuple[AvailabilityRow, ...]
    unchecked: str
    maintenances: tuple[MaintenanceRow, ...]

    @classmethod
    def of(
        cls, found: Month, standing: Iterable[Maintenance], user: str, registry: Registry, reader: Reader
    ) -> "AvailabilityView":
        """A month as it looks to a reader."""
        worst = sorted(found.systems.values(), key=lambda one: (_share(one.whole), one.system))
        return cls(
            month=found.name,
            title=reader.month(found.name),
            rows=tuple(_row(one, registry, reader) for one in worst),
            unchecked=reader.number(len(registry.systems) - len(found.systems)),
            maintenances=tuple(MaintenanceRow.of(one, user, registry, reader) for one in standing),
        )


def _row(found: Availability, registry: Registry, reader: Reader) -> AvailabilityRow:
    system, whole = registry.systems.get(found.system), found.whole
    unit = registry.units.get(system.unit) if system else None
    return AvailabilityRow(
        system=words.visible(found.system),
        name=words.visible(system.name if system else found.system),
        unit=words.visible(unit.name if unit else ""),
        level=words.level(reader, system.level if system else None),
        state=_state(whole),
        available=_percent(whole.ratio, reader),
        known=_percent(whole.known, reader),
        down=hours(whole.down),
        unknown=hours(whole.unknown),
        maintenance=hours(whole.maintenance),
        outages=tuple(f"{reader.moment(one.first * MINUTE_NS).local} · {hours(one.minutes)}" for one in whole.outages),
        declared=tuple(
            reader.text(
                "{begin} – {end}: {reason} ({author}), khai báo trước"
                if one.in_advance
                else "{begin} – {end}: {reason} ({author}), khai báo muộn",
                begin=reader.moment(one.from_ns).local,
                end=reader.moment(one.to_ns).local,
                reason=words.visible(one.reason),
                author=words.visible(one.author),
            )
            for one in found.maintenances
            if one.withdrawn_ns is None
        ),
    )


def _share(whole: Tally) -> float:
    """What systems are ordered by: those of which nothing is known stand before all others."""
    return -1.0 if whole.ratio is None else whole.ratio


def _state(whole: Tally) -> str:
    if whole.ratio is None:
        return "unknown"
    return "met" if whole.ratio >= GOOD else "unmet"


def _percent(ratio: float | None, reader: Reader) -> str:
    if ratio is None:
        return reader.text("chưa có dữ liệu")
    text = percent(ratio)
    return f"{text if reader.language.code == 'en' else text.replace('.', ',')} %"
