# SPDX-License-Identifier: Apache-2.0
"""Text to plain values: the strict part of YAML that rules, packs and cases are written in.

Aliases, anchors, merge keys, tags and duplicate keys are refused, because each lets a document say something else than
its reader sees; size, depth and node count are bounded, so a hostile file costs little. Every value keeps its line.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml
from yaml.resolver import Resolver

from giamsat_rules.errors import Origin, Problem

TEXT_BYTES: Final = 256 << 10
"""The largest file that is read."""
DEPTH: Final = 32
"""The deepest nesting of maps and lists."""
NODES: Final = 20_000
"""The most values in one file."""

Trail: TypeAlias = tuple[str | int, ...]
"""The keys and indices that lead to a value."""


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its top-level map, and the line of each value by its path of keys and indices."""

    file: Path
    line: int
    value: Mapping[str, object]
    lines: Mapping[Trail, int]

    def at(self, *path: str | int) -> Origin:
        """Where `path` stands; the nearest enclosing value when the path itself is absent."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return Origin(self.file, self.lines[path[:length]])
        return Origin(self.file, self.line)

    def problem(self, what: str, remedy: str, *path: str | int) -> Problem:
        """Something wrong at `path`."""
        return Problem(self.at(*path), what, remedy)

    def digest(self) -> str:
        """The SHA-256 of what it says, whatever its layout, as hexadecimal digits."""
        said = json.dumps(self.value, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(said.encode()).hexdigest()


class _Scalars:
    """YAML's own reading of plain scalars: numbers, booleans, null, dates."""

    def __init__(self) -> None:
        self._resolver: Any = Resolver()  # PyYAML's stubs leave its resolver untyped
        self._constructor = yaml.constructor.SafeConstructor()

    def value(self, event: yaml.ScalarEvent) -> object:
        """The scalar's value; text for whatever is quoted.

        Raises:
            ValueError: it looks like a number or date and is none.
        """
        if not event.implicit[0] or event.value[:1] not in self._resolver.yaml_implicit_resolvers:
            return event.value  # most are, and cost nothing more
        tag = self._resolver.resolve(yaml.ScalarNode, event.value, event.implicit)
        node = yaml.ScalarNode(tag, event.value)
        try:
            return self._constructor.construct_object(node)
        except (yaml.YAMLError, OverflowError) as error:
            raise ValueError(str(error)) from error


@dataclass(slots=True)
class _Open:
    """A map or list that is still being read."""

    value: dict[str, object] | list[object]
    path: Trail
    key: str | None = None
    key_line: int = 1


@dataclass(slots=True)
class _Reading:
    """The state of one pass over a file's YAML events."""

    file: Path
    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    lines: dict[Trail, int] = field(default_factory=dict)
    root: object = None
    nodes: int = 0
    sound: int = 0
    scalars: _Scalars = field(default_factory=_Scalars)

    def fault(self, line: int, what: str, remedy: str) -> None:
        self.problems.append(Problem(Origin(self.file, line), what, remedy))

    def take(self, event: yaml.Event) -> bool:
        """Take one event; False when nothing after it can be trusted."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.NodeEvent):
            return self._take_node(event, line)
        if isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self.root, self.lines, self.sound = None, {(): line}, len(self.problems)
        elif isinstance(event, yaml.DocumentEndEvent):
            self._finish()
        return True

    def _take_node(self, event: yaml.NodeEvent, line: int) -> bool:
        self.nodes += 1
        if self.nodes > NODES or len(self.stack) >= DEPTH:
            self.fault(line, f"more than {NODES} values or {DEPTH} levels of nesting", "split the file")
            return False
        if event.anchor is not None:
            self.fault(line, "anchors and aliases are not allowed", "write the value out where it is used")
            return False
        tag = getattr(event, "tag", None)
        if tag not in {None, "!"}:
            self.fault(line, f"the tag {tag} is not allowed", "remove the tag")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
            return True
        value: dict[str, object] | list[object] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.stack.append(_Open(value, self._put(value, line)))
        return True

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        holder = self.stack[-1] if self.stack else None
        if holder is not None and isinstance(holder.value, dict) and holder.key is None:
            self._key(holder, event.value, line)
            return
        try:
            value = self.scalars.value(event)
        except ValueError:
            self.fault(
                line, f"{event.value[:40]!r} is not a number or date that exists", "correct it or quote it as text"
            )
            value = event.value
        self._put(value, line)

    def _key(self, holder: _Open, key: str, line: int) -> None:
        if key == "<<":
            self.fault(line, "merge keys are not allowed", "write the keys out")
        elif key in holder.value:
            self.fault(line, f"the key {key!r} stands twice in the same map", "keep one of them")
        holder.key, holder.key_line = key, line

    def _put(self, value: object, line: int) -> Trail:
        if not self.stack:
            self.root = value
            return ()
        holder = self.stack[-1]
        if isinstance(holder.value, list):
            path = (*holder.path, len(holder.value))
            holder.value.append(value)
        elif holder.key is None:  # a map or list used as a key
            self.fault(line, "a map or list cannot be a key", "use plain text as the key")
            holder.key, path = None, (*holder.path, "")
            holder.value.setdefault("", value)
            return path
        else:
            path, line = (*holder.path, holder.key), holder.key_line
            holder.value.setdefault(holder.key, value)
            holder.key = None
        self.lines.setdefault(path, line)
        return path

    def _finish(self) -> None:
        line = self.lines[()]
        if len(self.problems) > self.sound:
            return  # what was read may not be what its author meant
        if isinstance(self.root, dict):
            self.documents.append(Document(self.file, line, self.root, self.lines))
        elif self.root is not None:
            self.fault(line, "the document is not a map", "begin it with a key such as title:")


def read(text: bytes, file: Path) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
    """The documents in `text` that hold no fault, and every fault; what follows a broken place is not read."""
    reading = _Reading(file)
    if len(text) > TEXT_BYTES:
        reading.fault(1, f"the file is {len(text)} bytes, more than {TEXT_BYTES}", "split it into one file per rule")
        return (), tuple(reading.problems)
    try:
        for event in _events(text):
            if not reading.take(event):
                break
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        reading.fault(line, "the text is not UTF-8", "save the file as UTF-8")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reading.fault(mark.line + 1 if mark else 1, f"not YAML: {error.problem}", "correct the indentation or quoting")
    except yaml.YAMLError as error:
        reading.fault(1, f"not YAML: {' '.join(str(error).split())}", "remove the character that is not text")
    return tuple(reading.documents), tuple(reading.problems)


def _events(text: bytes) -> Iterator[yaml.Event]:
    yield from yaml.parse(text.decode("utf-8-sig"), Loader=yaml.CSafeLoader)
