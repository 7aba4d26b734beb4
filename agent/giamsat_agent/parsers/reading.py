# SPDX-License-Identifier: Apache-2.0
"""A whole log as `giamsat-agent logs read` prints it: each line with its event as nested ECS."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import IO, Final, TypeAlias

import msgspec

from giamsat_agent.log import LINE_BYTES
from giamsat_agent.logs import encoding
from giamsat_agent.logs.encoding import Encoding
from giamsat_agent.logs.lines import Lines
from giamsat_agent.parsers.recognizer import Recognizer
from giamsat_agent.parsers.table import Table
from giamsat_agent.parsers.x_forwarded_for import UNDECLARED, Proxies
from giamsat_wire.clock import Clock
from giamsat_wire.record import Event, FieldValue

READ_BYTES: Final = 64 << 10
"""The longest line that is taken as one; what follows is another."""
NAMES_KEPT: Final = 1_024
"""Field names whose parts are remembered."""
SILENT: Final = frozenset(
    {"event.original", "message", "event.id", "event.category", "event.type", "log.syslog.priority"}
)
"""Fields that a person does not need beside the line."""
Nested: TypeAlias = dict[str, "FieldValue | Nested"]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What one line became; `parser` is None when none knows it."""

    line: int
    parser: str | None
    event: Nested
    raw: str

    def told(self) -> Iterator[tuple[str, FieldValue]]:
        """The event's fields by their dotted names, without those that quote the line."""
        yield from ((name, value) for name, value in _flat(self.event, "") if name not in SILENT)


def read_lines(
    stream: IO[bytes], *, zone: tzinfo, clock: Clock, table: str | None = None, proxies: Proxies = UNDECLARED
) -> Iterator[Reading]:
    """Every line's events, in order. With `table` ("csv", "w3c") a first line names the columns of those after it.

    `proxies` are those whose word is taken for whom they ask.

    Raises:
        OSError: the stream could not be read further.
    """
    recognizer = Recognizer(zone=zone, origin={}, proxies=proxies)
    columns = Table(table)
    for number, raw in enumerate(_lines(stream), start=1):
        text = raw.rstrip(b"\r\n")
        line = columns.line(text)
        now_ns, mono_ns = clock.wall_ns(), clock.mono_ns()
        shown = text.decode("utf-8", "backslashreplace")
        if line is None:
            yield Reading(
                line=number, parser="table", event={"@timestamp": _stamp(now_ns), "message": shown}, raw=shown
            )
            continue
        for found in recognizer.recognize(line, key=b"%d:" % number + text, now_ns=now_ns, mono_ns=mono_ns):
            event = nested(found.event)
            if line is not text:
                event["message"] = shown
            yield Reading(line=number, parser=found.parser, event=event, raw=shown)


def nested(event: Event) -> Nested:
    """The event's fields as nested objects, with `@timestamp` in RFC 3339.

    Where one field stands where another has parts (`user` beside `user.name`), the field goes to `user.value`.
    """
    made: Nested = {"@timestamp": _stamp(event.wall_ns)}
    for name, value in event.fields.items():
        if name == "event.original":
            continue
        before, last = _path(name)
        at = made
        for part in before:
            inner = at.get(part)
            if inner is None:
                at[part] = inner = {}
            elif not isinstance(inner, dict):
                at[part] = inner = {"value": inner}
            at = inner
        at[last] = value
    return made


@lru_cache(maxsize=NAMES_KEPT)
def _path(name: str) -> tuple[tuple[str, ...], str]:
    """The objects a dotted name stands in, and its own name there."""
    *before, last = name.split(".")
    return tuple(before), last


def _lines(stream: IO[bytes]) -> Iterable[bytes]:
    """Lines of at most READ_BYTES; the recognizer carries LINE_BYTES of each."""
    raw = stream.readline(READ_BYTES)
    written = encoding.of(raw) or encoding.BYTES
    if written.name:
        yield from _wide(stream, raw.removeprefix(written.mark), written)
        return
    whole = True
    while raw:
        if whole:
            yield raw[: LINE_BYTES + 2]
        whole = raw.endswith(b"\n")
        raw = stream.readline(READ_BYTES)


def _wide(stream: IO[bytes], chunk: bytes, written: Encoding) -> Iterator[bytes]:
    """Lines of UTF-16 as UTF-8."""
    lines = Lines(most=READ_BYTES, newline=written.newline)
    while chunk:
        lines.feed(chunk)
        while (line := lines.take()) is not None:
            yield written.carried(line.content, most=LINE_BYTES + 2)
        chunk = stream.readline(READ_BYTES)
    while (line := lines.take() or lines.shift()) is not None:
        yield written.carried(line.content, most=LINE_BYTES + 2)
    if (last := lines.rest()) is not None:
        yield written.carried(last.content, most=LINE_BYTES + 2)


def _flat(said: Nested, prefix: str) -> Iterator[tuple[str, FieldValue]]:
    for name, value in said.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _stamp(wall_ns: int) -> str:
    moment = datetime.fromtimestamp(wall_ns // 1_000_000_000, UTC).replace(microsecond=wall_ns // 1_000 % 1_000_000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
