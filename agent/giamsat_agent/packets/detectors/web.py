# SPDX-License-Identifier: Apache-2.0
"""Requests in clear text: attacks on web applications (ATT&CK T1190) and looking for what is there (T1595.003).

A request is searched for what only an attack writes, be it in later segments. A sweep asks for many
things that do not exist in one folder, for those that exist only where they should not, or for one top folder after the
other without having come from any page, and is told the same each time; a browser comes from a page, whose pictures may
be missing, a program's requests share their first folder or are answered each by something else, and a tool that looks
for its packages looks in a folder for each.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import msgspec
import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.openings import asks_web
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_agent.packets.followed_connections import Followed, keys_of
from giamsat_agent.packets.payloads.webattack import SEEN, Request
from giamsat_agent.packets.payloads.webpath import Path, path_of
from giamsat_wire.clock import SECOND_NS

REPLY: Final = b"HTTP"
SPAN_NS: Final = 60 * SECOND_NS
PROBES: Final = 5
MISSING: Final = 15
MISSING_OF_PAGES: Final = 60
"""Missing things in one folder, be it that a page named them."""
MISSING_FOLDERS: Final = 30
"""Different top folders that are missing, be it that a page named them, where nearly all is."""
THERE: Final = 2
"""Times as much is missing as is there."""
FOLDERS: Final = 12
FOLDERS_NS: Final = 10 * SECOND_NS
PATIENCE_NS: Final = 2 * SECOND_NS
"""What is not answered by then is not answered, where anything is."""
LOOKED_AT: Final = 4_096
PAIRS: Final = 512
OPEN: Final = 4_096
"""Requests of which more is to come."""
KEPT: Final = 64
"""Requests of one kind that are kept of each pair: 24 MB at most for all, whoever asks for whatever."""
CONNECTIONS: Final = 32
"""Connections of a pair whose last request is remembered until it is answered."""
WELL: Final = 1_024
"""Bytes in which a service says that it is well; a page that stands in for what is missing is longer."""
OK: Final = range(200, 300)
NOT_FOUND: Final = 404
LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d{1,15})", re.IGNORECASE)
SWEEP: Final = ("web_scan", ("dò quét đường dẫn web", "a sweep of web paths"))

_Asked: TypeAlias = dict[int, tuple[int, int]]
"""When and in which frame something was asked for, by its hash, which is keyed: a path may be as long as it likes."""


class _Answer(msgspec.Struct, frozen=True, gc=False):
    """An answer: when and in which frame, about which path, and whether that was not there."""

    at_ns: int
    number: int
    path: Path
    missing: bool


@dataclass(slots=True)
class _Pair:
    """What a client asked a server for lately. Of a first folder `told` is what was answered: how long, 0 if not OK.

    `same` is what was asked for below it, if that is there and short.
    """

    open: dict[int, Path] = field(default_factory=dict)
    answers: deque[_Answer] = field(default_factory=lambda: deque(maxlen=KEPT))
    probes: _Asked = field(default_factory=dict)
    folders: _Asked = field(default_factory=dict)
    told: dict[int, int] = field(default_factory=dict)
    same: dict[int, int] = field(default_factory=dict)


class WebRequests:
    """Requests by client and server."""

    def __init__(self) -> None:
        self.room = Room()
        self._pairs: Table[tuple[int, int], _Pair] = self.room.table(PAIRS)
        self._attacks: Table[tuple[int, int], deque[int]] = self.room.table(PAIRS)
        self._open: Table[tuple[int, ...], Request] = Table(OPEN)
        self._followed = Followed()
        self._ports = np.zeros(1 << 16, bool)
        self._told: Told[tuple[str, int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        long = batch.held[batch.web] >= 16  # noqa: PLR2004 - the shortest request
        for at in batch.web[long][:LOOKED_AT].tolist():
            content = batch.content(at)[:SEEN]
            if content.startswith(REPLY):
                yield from self._answered(batch, at, content)
            else:
                yield from self._asked(batch, at, content)
        if self._followed.some:
            yield from self._go_on(batch)

    def _asked(self, batch: Batch, at: int, content: bytes) -> Iterator[Anomaly]:
        parts = content.split(b"\r\n", 1)[0].split(b" ")
        if len(parts) < 2:  # noqa: PLR2004 - method and path
            return
        raw = b" ".join(parts[1:-1] or parts[1:]).decode("latin-1")
        request = Request()
        yield from self._attacked(batch, at, request.begin(content))
        if request.goes_on:
            self._open.put(_connection(batch, at), request)
            self._followed.add(keys_of(batch, np.array([at])))
            self._ports[int(batch.destination_port[at])] = True
        yield from self._swept(batch, at, path_of(raw, content))

    def _go_on(self, batch: Batch) -> Iterator[Anomaly]:
        """More of requests that were begun: the rest of their heads, and their bodies."""
        sent = batch.spoken[self._ports[batch.destination_port[batch.spoken]]]
        sent = sent[self._followed.among(keys_of(batch, sent)) & ~asks_web(batch.opening[sent])]
        for at in sent[:LOOKED_AT].tolist():
            request = self._open.get(_connection(batch, at))
            if request is not None:
                yield from self._attacked(batch, at, request.more(batch.content(at)[:SEEN]))
            if request is None or not request.goes_on:
                self._open.drop(_connection(batch, at))
                self._followed.drop(keys_of(batch, np.array([at])))

    def _attacked(self, batch: Batch, at: int, kind: str | None) -> Iterator[Anomaly]:
        if kind is None:
            return
        pair = (int(batch.source[at]), int(batch.destination[at]))
        seen = self._attacks.get(pair) or self._attacks.put(pair, deque(maxlen=KEPT))
        seen.append(int(batch.number[at]))
        if self._told.due(("web_attack", *pair), int(batch.time_ns[at]), len(seen)):
            words = (f"tấn công web ({kind})", f"a web attack ({kind})")
            yield _anomaly(batch, at, pair, _Found("web_attack", words, list(seen)))

    def _swept(self, batch: Batch, at: int, path: Path) -> Iterator[Anomaly]:
        """A path is asked for: whether that is one of a sweep."""
        key, seen = (int(batch.source[at]), int(batch.destination[at])), (int(batch.time_ns[at]), int(batch.number[at]))
        pair = self._pairs.get(key) or self._pairs.put(key, _Pair())
        pair.open.pop(int(batch.source_port[at]), None)
        pair.open[int(batch.source_port[at])] = path
        if len(pair.open) > CONNECTIONS:
            del pair.open[next(iter(pair.open))]
        if path.came:
            return
        if path.probe:
            _note(pair.probes, path.probe, seen, SPAN_NS)
        else:
            pair.told.pop(path.first, None)
            _note(pair.folders, path.first, seen, FOLDERS_NS)
        if len(pair.probes) >= PROBES or len(pair.folders) >= FOLDERS:
            yield from self._judged(batch, at, key, pair)

    def _answered(self, batch: Batch, at: int, content: bytes) -> Iterator[Anomaly]:
        key, seen = (int(batch.destination[at]), int(batch.source[at])), (int(batch.time_ns[at]), int(batch.number[at]))
        pair = self._pairs.get(key) or self._pairs.put(key, _Pair())
        code = int(content[9:12]) if content[9:12].isdigit() else 0
        # Where only answers are seen each is about something else.
        path = pair.open.pop(int(batch.destination_port[at]), None) or Path(seen[1], 0, 0, 0, 0, False)  # noqa: FBT003 - a Struct
        is_missing = code == NOT_FOUND
        pair.answers.append(_Answer(*seen, path, is_missing))
        if path.probe and path.came and is_missing:
            _note(pair.probes, path.probe, seen, SPAN_NS)
        if path.first in pair.folders:
            length = LENGTH.search(content)
            size = 1 + (int(length[1]) if length else int(batch.payload[at])) if code in OK else 0
            pair.told[path.first] = size
            pair.same.pop(path.first, None)
            if path.leaf and 0 < size <= WELL:
                pair.same[path.first] = path.leaf
        for kept in (pair.told, pair.same):
            while len(kept) > KEPT:
                del kept[next(iter(kept))]
        if is_missing or len(pair.folders) >= FOLDERS:
            yield from self._judged(batch, at, key, pair)

    def _judged(self, batch: Batch, at: int, key: tuple[int, int], pair: _Pair) -> Iterator[Anomaly]:
        now = int(batch.time_ns[at])
        for its in (
            _lately(pair.probes, now, SPAN_NS, PROBES),
            _wandered(pair, now),
            _missed([one for one in pair.answers if now - one.at_ns <= SPAN_NS]),
        ):
            if its and self._told.due(("web_scan", *key), now, len(its)):
                yield _anomaly(batch, at, key, _Found(*SWEEP, its))


def _lately(asked: _Asked, now_ns: int, span_ns: int, least: int) -> list[int]:
    """The frames in which things were asked for within a span, if they are so many."""
    its = [number for at_ns, number in asked.values() if now_ns - at_ns <= span_ns]
    return its if len(its) >= least else []


def _wandered(pair: _Pair, now_ns: int) -> list[int]:
    """The frames in which one top folder after the other was asked for, if all were told the same or nothing."""
    its = {first: seen for first, seen in pair.folders.items() if now_ns - seen[0] <= FOLDERS_NS}
    # Many services behind one name are asked the same, and each has it: whether they are well.
    same = Counter(pair.same[first] for first in its if first in pair.same).most_common(1)
    its = {first: seen for first, seen in its.items() if not same or pair.same.get(first) != same[0][0]}
    if len(its) < FOLDERS:
        return []
    told = Counter(pair.told[first] for first in its if first in pair.told)
    waited = {first for first, (at_ns, _) in its.items() if not pair.answers or now_ns - at_ns > PATIENCE_NS}
    alike = max(told.values(), default=0) + len(waited - pair.told.keys())
    return [number for _, number in its.values()] if alike >= FOLDERS else []


def _missed(answers: list[_Answer]) -> list[int]:
    """The frames that say that things are not there, if they were looked for in one folder or each in one of its own.

    And if hardly anything was there, however often that was asked for: of the pages that a crawler knows half may be.
    """
    missing = [(one.path, one.number) for one in answers if one.missing]
    there = {one.path.whole for one in answers if not one.missing}
    if len(missing) < MISSING or len(missing) < THERE * len(there):
        return []
    tops = {path.first: number for path, number in missing if path.parent}
    if len(tops) >= MISSING_FOLDERS and 10 * len(missing) >= 9 * len(answers):
        return list(tops.values())
    parent, _ = Counter(path.parent for path, _ in missing).most_common(1)[0]
    its = {path.whole: (number, path.came) for path, number in missing if path.parent == parent}
    looked = sum(not came for _, came in its.values())
    return [number for number, _ in its.values()] if looked >= MISSING or len(its) >= MISSING_OF_PAGES else []


def _connection(batch: Batch, at: int) -> tuple[int, ...]:
    """The ends of a connection, the client's first."""
    columns = (batch.source, batch.source_port, batch.destination, batch.destination_port)
    return tuple(int(column[at]) for column in columns)


def _note(asked: _Asked, what: int, seen: tuple[int, int], span_ns: int) -> None:
    """What was asked for, when and in which frame; what was asked for longer ago than the span is forgotten."""
    asked.pop(what, None)
    asked[what] = seen
    while len(asked) > KEPT or seen[0] - next(iter(asked.values()))[0] > span_ns:
        del asked[next(iter(asked))]


@dataclass(frozen=True, slots=True)
class _Found:
    """What was seen: the class, what to call it, and in which frames."""

    name: str
    what: tuple[str, str]
    frames: list[int]


def _anomaly(batch: Batch, at: int, pair: tuple[int, int], found: _Found) -> Anomaly:
    text = batch.addresses.text
    port = int(batch.destination_port[at]) if int(batch.source[at]) == pair[0] else int(batch.source_port[at])
    return Anomaly(
        name=found.name,
        severity=Severity.HIGH if found.name == "web_attack" else Severity.MEDIUM,
        words=(
            f"{text(pair[0])} thực hiện {found.what[0]} vào {text(pair[1])} ({len(found.frames)} yêu cầu)",
            f"{text(pair[0])} made {found.what[1]} on {text(pair[1])} ({len(found.frames)} requests)",
        ),
        source_ip=text(pair[0]),
        first_ns=int(batch.time_ns[at]),
        last_ns=int(batch.time_ns[at]),
        targets=[Target(text(pair[1]), port)],
        counts={"packets": len(found.frames)},
        frames=found.frames,
    )
