# SPDX-License-Identifier: Apache-2.0
"""Requests in clear text: attacks on web applications (ATT&CK T1190) and looking for what is there (T1595.003).

A request is searched for what only an attack writes, be it in later segments. A sweep asks for many
things that do not exist, for those that exist only where they should not, or for one top folder after the other
without having come from any page; a browser comes from one, and a program's requests share their first folder.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import Batch, asks_web
from giamsat_agent.packets.detector import SECOND_NS, Table, Told
from giamsat_agent.packets.following import Followed, keys_of
from giamsat_agent.packets.webattack import SEEN, Request

REPLY: Final = b"HTTP"
SPAN_NS: Final = 60 * SECOND_NS
PROBES: Final = 5
MISSING: Final = 15
FOLDERS: Final = 12
FOLDERS_NS: Final = 10 * SECOND_NS
LOOKED_AT: Final = 4_096
PAIRS: Final = 512
OPEN: Final = 4_096
"""Requests of which more is to come."""
KEPT: Final = 64
"""Requests of one kind that are kept of each pair: 24 MB at most for all, whoever asks for whatever."""
PROBED: Final = (
    "/.git", "/.env", "/.svn", "/.aws", "/.ssh", "/wp-login", "/wp-admin", "/xmlrpc.php", "/phpmyadmin", "/pma",
    "/admin", "/administrator", "/manager/html", "/cgi-bin/", "/backup", "/config", "/shell", "/setup", "/install",
    "/test", "/login", "/console", "/solr", "/actuator", "/server-status", "/phpinfo", "/.htaccess", "/.htpasswd",
    "/web.config", "/boaform", "/hnap1", "/vendor/phpunit", "/dump", "/db", "/old", "/jenkins",
)  # fmt: skip
SWEEP: Final = ("web_scan", ("dò quét đường dẫn web", "a sweep of web paths"))


_Asked: TypeAlias = dict[int, tuple[int, int]]
"""When and in which frame something was asked for, by its hash, which is keyed: a path may be as long as it likes."""


class WebRequests:
    """Requests by client and server."""

    def __init__(self) -> None:
        self._missing: Table[tuple[int, int], deque[tuple[int, int]]] = Table(PAIRS)
        self._probes: Table[tuple[int, int], _Asked] = Table(PAIRS)
        self._folders: Table[tuple[int, int], _Asked] = Table(PAIRS)
        self._attacks: Table[tuple[int, int], deque[int]] = Table(PAIRS)
        self._open: Table[tuple[int, ...], Request] = Table(OPEN)
        self._followed = Followed()
        self._ports = np.zeros(1 << 16, bool)
        self._told: Told[tuple[str, int, int]] = Told()

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return sum(table.evicted for table in (self._missing, self._probes, self._folders, self._attacks))

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
        pair, request = (int(batch.source[at]), int(batch.destination[at])), Request()
        yield from self._attacked(batch, at, request.begin(content))
        if request.goes_on:
            self._open.put(_connection(batch, at), request)
            self._followed.add(keys_of(batch, np.array([at])))
            self._ports[int(batch.destination_port[at])] = True
        path = raw.partition("?")[0].lower()
        if path.startswith(PROBED):
            yield from self._probed(batch, at, pair, path)
        elif b"\r\nreferer:" not in content.lower():
            yield from self._wandered(batch, at, pair, path.lstrip("/").partition("/")[0])

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

    def _probed(self, batch: Batch, at: int, pair: tuple[int, int], path: str) -> Iterator[Anomaly]:
        now = int(batch.time_ns[at])
        probes = self._probes.get(pair) or self._probes.put(pair, {})
        _note(probes, path, (now, int(batch.number[at])), SPAN_NS)
        if len(probes) >= PROBES and self._told.due(("web_scan", *pair), now, len(probes)):
            yield _anomaly(batch, at, pair, _Found(*SWEEP, [number for _, number in probes.values()]))

    def _wandered(self, batch: Batch, at: int, pair: tuple[int, int], folder: str) -> Iterator[Anomaly]:
        now = int(batch.time_ns[at])
        folders = self._folders.get(pair) or self._folders.put(pair, {})
        _note(folders, folder, (now, int(batch.number[at])), FOLDERS_NS)
        if len(folders) >= FOLDERS and self._told.due(("web_scan", *pair), now, len(folders)):
            yield _anomaly(batch, at, pair, _Found(*SWEEP, [number for _, number in folders.values()]))

    def _answered(self, batch: Batch, at: int, content: bytes) -> Iterator[Anomaly]:
        if content[9:12] != b"404":
            return
        pair, now = (int(batch.destination[at]), int(batch.source[at])), int(batch.time_ns[at])
        missing = self._missing.get(pair) or self._missing.put(pair, deque(maxlen=KEPT))
        missing.append((now, int(batch.number[at])))
        while now - missing[0][0] > SPAN_NS:
            missing.popleft()
        if len(missing) >= MISSING and self._told.due(("web_scan", *pair), now, len(missing)):
            numbers = [number for _, number in missing]
            yield _anomaly(batch, at, pair, _Found(*SWEEP, numbers))


def _connection(batch: Batch, at: int) -> tuple[int, ...]:
    """The ends of a connection, the client's first."""
    columns = (batch.source, batch.source_port, batch.destination, batch.destination_port)
    return tuple(int(column[at]) for column in columns)


def _note(asked: _Asked, what: str, seen: tuple[int, int], span_ns: int) -> None:
    """What was asked for, when and in which frame; what was asked for longer ago than the span is forgotten."""
    key = hash(what)
    asked.pop(key, None)
    asked[key] = seen
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
        frames=found.frames[:20],
    )
