# SPDX-License-Identifier: Apache-2.0
"""What the page of sources prints that something is to be done about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_collector.alerts.grouping import folded
from giamsat_collector.console.host import HostStatus
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import Choice, at
from giamsat_collector.console.views.host import CONDITIONS
from giamsat_collector.coverage.source_troubles import Trouble
from giamsat_collector.coverage.sources import STEPS, step_of

SHOWN: Final = 500
"""Sources named, the worst first, and silent hosts, those longest silent first; how many there are is said."""


@dataclass(frozen=True, slots=True)
class TroubleRow:
    """One source of a host: how it is, when it was heard, what is lacking of the last hour, and what to do."""

    name: str
    host: str
    address: str
    unit: str
    condition: str
    condition_code: str
    counts: tuple[str, ...]
    heard: Moment | None
    step: str

    @classmethod
    def of(cls, found: Trouble, reader: Reader) -> "TroubleRow":
        """A source as it looks to a reader."""
        source, step = found.source, step_of(found.name, found.condition)
        return cls(
            name=words.visible(found.name),
            host=words.visible(found.place.name),
            address=f"/hosts/{found.place.asset}",
            unit=words.visible(found.place.unit_name),
            condition=reader.text(CONDITIONS[found.condition]),
            condition_code=found.condition.value,
            counts=tuple(map(reader.number, (source.lacking, source.throttled, source.spooled))),
            heard=None if source.heard_ns is None else reader.moment(source.heard_ns),
            step=reader.choice(step.vi, step.en) if step else "",
        )


@dataclass(frozen=True, slots=True)
class SilentRow:
    """A host of which nothing comes: since when, and where to look."""

    host: str
    address: str
    alerts: str
    unit: str
    heard: Moment | None

    @classmethod
    def of(cls, status: HostStatus, reader: Reader) -> "SilentRow":
        """A host as it looks to a reader."""
        return cls(
            host=words.visible(status.name),
            address=f"/hosts/{status.asset}",
            alerts=at("/alerts", [("state", ""), ("asset", status.asset), ("rule", "agent_silent")]),
            unit=words.visible(status.unit_name),
            heard=None if status.heard_ns is None else reader.moment(status.heard_ns),
        )


@dataclass(frozen=True, slots=True)
class SourcesView:
    """The sources that are wanted; `none` says why there are none: none tells of trouble, or nobody sends at all."""

    rows: tuple[TroubleRow, ...]
    more: str
    summary: str
    silent: tuple[SilentRow, ...]
    silence: str
    none: str
    text: str
    conditions: tuple[Choice, ...]
    refresh: str

    @classmethod
    def of(
        cls,
        found: Sequence[Trouble],
        silent: Sequence[HostStatus],
        reader: Reader,
        *,
        text: str,
        condition: str,
        anybody_sends: bool,
    ) -> "SourcesView":
        """The sources as they look to a reader, and hosts of which nothing comes; `text` is matched without accents."""
        fitting = [one for one in found if condition in ("", one.condition) and _said(one, text)]
        set_ = [(name, value) for name, value in (("text", text), ("condition", condition)) if value]
        if found:
            none = "Không có nguồn nào khớp với điều kiện đang chọn."
        elif anybody_sends:
            none = "Không nguồn nào báo dừng, mất hay chờ."
        else:
            none = "Chưa nhận được sự kiện nào."
        hosts = [one for one in silent if not condition and _matches(f"{one.name} {one.unit_name} {one.system}", text)]
        hosts.sort(key=lambda one: (one.heard_ns or 0, one.name))
        return cls(
            rows=tuple(TroubleRow.of(one, reader) for one in fitting[:SHOWN]),
            more=reader.text("Chỉ liệt kê {count} nguồn nặng nhất.", count=SHOWN) if len(fitting) > SHOWN else "",
            summary=summary(len(found), reader),
            silent=tuple(SilentRow.of(one, reader) for one in hosts[:SHOWN]),
            silence=reader.text(
                "{number} máy im lặng: mọi nguồn của máy không có dữ liệu",
                count=len(hosts),
                number=reader.number(len(hosts)),
            )
            if hosts
            else "",
            none=reader.text(none),
            text=text,
            conditions=_choices(condition, reader),
            refresh=at("/sources", set_),
        )


def summary(count: int, reader: Reader) -> str:
    """How many sources something is to be done about."""
    return reader.text("{number} nguồn cần xử lý", count=count, number=reader.number(count))


def _said(one: Trouble, text: str) -> bool:
    return _matches(f"{one.name} {one.place.name} {one.place.unit_name} {one.place.system or ''}", text)


def _matches(said: str, text: str) -> bool:
    return all(word in folded(said) for word in folded(text).split())


def _choices(chosen: str, reader: Reader) -> tuple[Choice, ...]:
    every = [("", "tất cả"), *((one.value, word) for one, word in CONDITIONS.items() if one in STEPS)]
    return tuple(Choice(reader.text(word), "", code, code == chosen) for code, word in every)
