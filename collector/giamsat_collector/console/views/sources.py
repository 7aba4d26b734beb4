# SPDX-License-Identifier: Apache-2.0
"""What the page of sources prints that something is to be done about."""

from collections.abc import Sequence
from dataclasses import dataclass

from giamsat_collector.alerts.grouping import folded
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import Choice, at
from giamsat_collector.console.views.host import CONDITIONS
from giamsat_collector.coverage.sources import STEPS, step_of
from giamsat_collector.coverage.troubles import Trouble


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
class SourcesView:
    """The sources that are wanted; `none` says why there are none: none tells of trouble, or nobody sends at all."""

    rows: tuple[TroubleRow, ...]
    summary: str
    none: str
    text: str
    conditions: tuple[Choice, ...]
    refresh: str

    @classmethod
    def of(
        cls, found: Sequence[Trouble], reader: Reader, *, text: str, condition: str, anybody_sends: bool
    ) -> "SourcesView":
        """The sources as they look to a reader; `text` is matched without accents."""
        fitting = [one for one in found if condition in ("", one.condition) and _said(one, text)]
        set_ = [(name, value) for name, value in (("text", text), ("condition", condition)) if value]
        if found:
            none = "Không có nguồn nào khớp với điều kiện đang chọn."
        elif anybody_sends:
            none = "Không nguồn nào báo dừng, mất hay chờ. Máy im lặng có trong danh sách máy."
        else:
            none = "Chưa nhận được sự kiện nào."
        return cls(
            rows=tuple(TroubleRow.of(one, reader) for one in fitting),
            summary=summary(len(found), reader),
            none=reader.text(none),
            text=text,
            conditions=_choices(condition, reader),
            refresh=at("/sources", set_),
        )


def summary(count: int, reader: Reader) -> str:
    """How many sources something is to be done about."""
    return reader.text("{number} nguồn cần xử lý", count=count, number=reader.number(count))


def _said(one: Trouble, text: str) -> bool:
    said = folded(f"{one.name} {one.place.name} {one.place.unit_name} {one.place.system or ''}")
    return all(word in said for word in folded(text).split())


def _choices(chosen: str, reader: Reader) -> tuple[Choice, ...]:
    every = [("", "tất cả"), *((one.value, word) for one, word in CONDITIONS.items() if one in STEPS)]
    return tuple(Choice(reader.text(word), "", code, code == chosen) for code, word in every)
