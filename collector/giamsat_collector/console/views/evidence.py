# SPDX-License-Identifier: Apache-2.0
"""What is printed of the events an alert stands on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words

ORIGINAL: Final = "event.original"
_THREAT: Final = (
    "threat.indicator.name",
    "threat.feed.name",
    "giamsat.threat.age_days",
    "giamsat.threat.list_age_days",
)
HEADLINE: Final = (
    "event.action",
    "event.outcome",
    "user.name",
    "user.target.name",
    "source.ip",
    "process.name",
    "service.name",
    "file.path",
    "process.command_line",
    *_THREAT,
)
"""The fields that say at a glance what an event was."""
GLANCE: Final = 160
"""Characters of each of them that are read at a glance; the fields hold it whole."""


@dataclass(frozen=True, slots=True)
class Event:
    """One piece of evidence: a headline, the raw line as the host wrote it, and every field."""

    headline: str
    at: Moment | None
    original: str
    fields: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, fields: Mapping[str, object], reader: Reader) -> "Event":
        """An event as it looks to a reader."""
        named = {name: _printed(value) for name, value in fields.items()}
        at = fields.get("@timestamp")
        return cls(
            headline=" · ".join(_short(named[name]) for name in HEADLINE if named.get(name)),
            at=reader.moment(at) if isinstance(at, int) else None,
            original=named.get(ORIGINAL, ""),
            fields=tuple((words.visible(name), named[name]) for name in sorted(named) if name != ORIGINAL),
        )


def kept(alert: Alert, reader: Reader) -> str:
    """How many of an alert's events are kept."""
    held = len(alert.evidence)
    if not held:
        return reader.text("Quy tắc này không kèm sự kiện gốc.")
    if held < alert.count:
        return reader.text(
            "Giữ {kept} sự kiện đầu tiên trong {number}.",
            kept=reader.number(held),
            number=reader.number(alert.count),
        )
    return reader.text("Toàn bộ {number} sự kiện.", count=held, number=reader.number(held))


def _short(text: str) -> str:
    return text if len(text) <= GLANCE else f"{text[:GLANCE]}…"


def _printed(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(words.visible(one) for one in value)
    return words.visible(value)
