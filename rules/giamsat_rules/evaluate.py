# SPDX-License-Identifier: Apache-2.0
"""Events as lines of JSON to hits: what `giamsat-rules eval` does, without the files.

A line is an event with nested or dotted ECS fields, or comes from `giamsat-agent logs read --json` (`event` is taken,
`raw` becomes event.original) or from `giamsat-agent packets read --json` (`event` is taken, at the time of `first`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from giamsat_rules.engine import Engine
from giamsat_rules.errors import RulesError
from giamsat_rules.matching.pattern import as_text
from giamsat_rules.matching.taxonomy import getter
from giamsat_rules.verdict import Occurrence, Subject, Verdict
from giamsat_wire.record import FieldValue

LINES: Final = 10_000
"""Line numbers one hit lists; its count is exact all the same."""
OPEN: Final = 100_000
"""Episodes that are kept open until the end of the events."""
DEPTH: Final = 32
TIMES: Final = ("@timestamp", "event.created", "timestamp", "first", "UtcTime", "SystemTime", "time", "ts")
"""Fields that say when an event happened, the first one present counts."""

WINDOWS: Final = ("winlog.event_data.", "Event.EventData.", "EventData.", "Event.System.", "System.")
"""Where different shippers put what a Windows event says."""
ALIASES: Final[Mapping[str, str]] = {
    "NewProcessName": "Image",
    "ParentProcessName": "ParentImage",
    "Event.System.Provider.#attributes.Name": "Provider_Name",
    "System.Provider.Name": "Provider_Name",
    "Event.System.EventID.#text": "EventID",
}
"""Names of Windows for what Sigma calls otherwise: event 4688 tells of a process in words of its own."""

Episode: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]
"""A rule, an asset and a group."""

EPOCH: Final = datetime.fromtimestamp(0, UTC)
MICROSECOND: Final = timedelta(microseconds=1)


class LineError(RulesError):
    """A line that is no event; the message says why."""


@dataclass(slots=True)
class Hit:
    """A match, or an episode of an alert with everything that was added to it."""

    opening: Verdict
    count: int
    first_ns: int
    last_ns: int
    lines: list[int] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Add what a further verdict of the same episode brings."""
        self.count += verdict.count
        self.first_ns = min(self.first_ns, verdict.first_ns)
        self.last_ns = max(self.last_ns, verdict.last_ns)
        self.lines.extend(verdict.refs[: LINES - len(self.lines)])

    def as_json(self) -> dict[str, object]:
        """The shape that is printed."""
        return {
            "rule": self.opening.rule,
            "kind": self.opening.kind,
            "severity": self.opening.severity,
            "level": self.opening.subject.level,
            "group": dict(self.opening.group),
            "count": self.count,
            "first": stamp(self.first_ns),
            "last": stamp(self.last_ns),
            "lines": self.lines,
        }


def hits(engine: Engine, occurrences: Iterable[Occurrence]) -> Iterator[Hit]:
    """Matches as they come, alerts when their episode can no longer grow or the events end."""
    episodes: dict[Episode, Hit] = {}
    for verdict in _verdicts(engine, occurrences):
        if verdict.change == "ended":
            continue
        hit = Hit(verdict, verdict.count, verdict.first_ns, verdict.last_ns, list(verdict.refs[:LINES]))
        if verdict.kind == "match":
            yield hit
            continue
        key = (verdict.rule, verdict.subject.asset, tuple(sorted(verdict.group.items())))
        if verdict.change == "continued" and key in episodes:
            episodes[key].add(verdict)
            continue
        if key in episodes:
            yield episodes.pop(key)
        episodes[key] = hit
        if len(episodes) > OPEN:
            yield episodes.pop(next(iter(episodes)))
    yield from episodes.values()


def _verdicts(engine: Engine, occurrences: Iterable[Occurrence]) -> Iterator[Verdict]:
    """What the engine says to each event, and to every span that was still open at the end."""
    for occurrence in occurrences:
        yield from engine.judge(occurrence)
    yield from engine.settle()


def read_line(text: str, number: int, *, level: int | None, before_ns: int) -> Occurrence:
    """The event on line `number`; one without a time happened when the one before it did.

    Raises:
        LineError: the line is not a JSON object, or nested too deeply.
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LineError(f"not JSON ({error})") from error
    if not isinstance(said, dict):
        raise LineError("not a JSON object")
    fields = _spoken(dict(_flat(_event(said), "", DEPTH)))
    times = (_time_ns(fields[name]) for name in TIMES if name in fields)
    at_ns = next((time for time in times if time is not None), before_ns)
    asset = getter("Computer")(fields) or ""
    return Occurrence(Subject(str(asset), level), at_ns, fields, ref=number)


def _event(said: dict[str, object]) -> dict[str, object]:
    """The event a line tells of: the line itself, or the one a command of the agent put into it."""
    inner = said.get("event")
    event = inner if isinstance(inner, dict) else {}
    if "parser" in said and "raw" in said:
        return {**event, "event.original": str(said["raw"])}
    if "class" in said and "event.action" in event:
        return {**event, "@timestamp": said.get("first")}
    return said


def _spoken(fields: dict[str, FieldValue]) -> dict[str, FieldValue]:
    """The event, and what a Windows event says as well under the names that Sigma has for it."""
    for name in list(fields):
        for part in WINDOWS:
            if name.startswith(part):
                fields.setdefault(name.removeprefix(part), fields[name])
    for name, sigma in ALIASES.items():
        if name in fields:
            fields.setdefault(sigma, fields[name])
    return fields


def stamp(at_ns: int) -> str:
    """RFC 3339 in UTC, to the microsecond."""
    return datetime.fromtimestamp(at_ns / 10**9, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _flat(said: Mapping[str, object], prefix: str, depth: int) -> Iterator[tuple[str, FieldValue]]:
    """Dotted names and values; null is absence."""
    if not depth:
        raise LineError(f"more than {DEPTH} levels of nesting")
    for key, value in said.items():
        name = prefix + key
        if isinstance(value, dict):
            yield from _flat(value, name + ".", depth - 1)
        elif isinstance(value, list):
            yield name, tuple(each if isinstance(each, str) else json.dumps(each) for each in value)
            yield from _gathered((each for each in value if isinstance(each, dict)), name + ".", depth - 1)
        elif isinstance(value, str | bool | int | float):
            yield name, value


def _gathered(several: Iterable[Mapping[str, object]], prefix: str, depth: int) -> Iterator[tuple[str, FieldValue]]:
    """The dotted names of objects in one list, each with all its values."""
    found: dict[str, list[str]] = {}
    for each in several:
        for name, value in _flat(each, prefix, depth):
            found.setdefault(name, []).extend(value if isinstance(value, tuple) else (as_text(value),))
    yield from ((name, tuple(values)) for name, values in found.items())


def _time_ns(said: FieldValue) -> int | None:
    """UNIX nanoseconds of an RFC 3339 text (UTC if it names no zone) or of seconds; None when it is neither."""
    try:
        if isinstance(said, int | float):
            moment = datetime.fromtimestamp(said, UTC)
        else:
            moment = datetime.fromisoformat(str(said))
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (aware - EPOCH) // MICROSECOND * 1000
    except (ValueError, OverflowError, OSError):
        return None
