# SPDX-License-Identifier: Apache-2.0
"""What a host's newest samples say to a person. Nothing is judged here: rules do that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views import words
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.record import Sample

GIB: Final = 1 << 30
MOST: Final = 1e18
"""No host has as much of anything as this (bytes, seconds, processes)."""
_SHOWN: Final = 16
"""Sensors without data that are named."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure and its name; `small` says more."""

    name: str
    value: str
    small: str = ""


@dataclass(frozen=True, slots=True)
class Readings:
    """Facts of a host now, and the sensors of its agent that gave no data; both empty where nothing is fresh."""

    facts: tuple[Fact, ...]
    blind: tuple[str, ...]

    @classmethod
    def of(cls, samples: Iterable[Sample], reader: Reader) -> "Readings":
        """The newest samples as a reader reads them: memory in GiB, shares in percent, times as spans."""
        found = _Families(samples)
        made = (_system, _uptime, _load, _memory, _swap, _fullest, _clock)
        return cls(
            tuple(fact for make in made if (fact := make(found, reader)) is not None),
            tuple(sorted(words.visible(name) for name in found.blind()))[:_SHOWN],
        )


class _Families:
    """Samples by name; a name nobody sent has none. What is no number, or more than a host can have, is no figure."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._of: dict[str, list[Sample]] = {}
        for sample in samples:
            if abs(sample.value) < MOST:
                self._of.setdefault(sample.name, []).append(sample)

    def all(self, name: str) -> list[Sample]:
        return self._of.get(name, [])

    def one(self, name: str) -> float | None:
        first = next(iter(self.all(name)), None)
        return None if first is None else first.value

    def labels(self, name: str) -> Mapping[str, str]:
        return dict(next((sample.labels for sample in self.all(name)), ()))

    def blind(self) -> Iterable[str]:
        for sample in self.all("node_scrape_collector_success"):
            if sample.value == 0:
                yield dict(sample.labels).get("collector", "")


def _system(found: _Families, reader: Reader) -> Fact | None:
    name = found.labels("node_os_info").get("pretty_name", "")
    kernel = found.labels("node_uname_info")
    build = f"{kernel.get('sysname', '')} {kernel.get('release', '')} {kernel.get('machine', '')}".strip()
    if not name and not build:
        return None
    return Fact(reader.text("Hệ điều hành"), words.visible(name or build), words.visible(build if name else ""))


def _uptime(found: _Families, reader: Reader) -> Fact | None:
    booted = found.one("node_boot_time_seconds")
    if not booted or not 0 < booted < reader.now_ns / SECOND_NS:
        return None
    at_ns = int(booted) * SECOND_NS
    return Fact(reader.text("Chạy từ"), reader.age(at_ns), reader.moment(at_ns).local)


def _load(found: _Families, reader: Reader) -> Fact | None:
    load = found.one("node_load1")
    if load is None:
        return None
    processors = {dict(sample.labels).get("cpu") for sample in found.all("node_cpu_seconds_total")}
    small = reader.text("{count} bộ xử lý", count=len(processors)) if processors else ""
    return Fact(reader.text("Tải 1 phút"), reader.decimal(load, 2), small)


def _memory(found: _Families, reader: Reader) -> Fact | None:
    return _used(
        reader.text("Bộ nhớ đang dùng"),
        found.one("node_memory_MemAvailable_bytes"),
        found.one("node_memory_MemTotal_bytes"),
        reader,
    )


def _swap(found: _Families, reader: Reader) -> Fact | None:
    return _used(
        reader.text("Swap đang dùng"),
        found.one("node_memory_SwapFree_bytes"),
        found.one("node_memory_SwapTotal_bytes"),
        reader,
    )


def _fullest(found: _Families, reader: Reader) -> Fact | None:
    size = {sample.labels: sample.value for sample in found.all("node_filesystem_size_bytes") if sample.value > 0}
    free = {sample.labels: sample.value for sample in found.all("node_filesystem_avail_bytes") if sample.labels in size}
    if not free:
        return None
    fullest = min(free, key=lambda labels: (free[labels] / size[labels], labels))
    place = words.visible(dict(fullest).get("mountpoint", ""))
    return _used(
        reader.text("Ổ đĩa đầy nhất: {place}", place=place),
        free[fullest],
        size[fullest],
        reader,
    )


def _clock(found: _Families, reader: Reader) -> Fact | None:
    offset, synchronised = found.one("node_timex_offset_seconds"), found.one("node_timex_sync_status")
    if offset is None or synchronised is None:
        return None
    if not synchronised:
        return Fact(reader.text("Đồng hồ"), reader.text("không được đồng bộ"))
    return Fact(reader.text("Đồng hồ"), reader.text("lệch {value} ms", value=reader.decimal(offset * 1000, 1)))


def _used(name: str, free: float | None, whole: float | None, reader: Reader) -> Fact | None:
    """A part that is used, of what there is; None where there is nothing to use."""
    if free is None or not whole or not 0 <= free <= whole:
        return None
    used = whole - free
    small = f"{reader.decimal(used / GIB, 1)} / {reader.decimal(whole / GIB, 1)} GiB"
    return Fact(name, f"{reader.decimal(100 * used / whole, 0)} %", small)
