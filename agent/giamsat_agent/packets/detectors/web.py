# SPDX-License-Identifier: Apache-2.0
"""Requests in clear text: attacks on web applications (ATT&CK T1190) and looking for what is there (T1595.003).

The request line is decoded the way servers do and searched for what only an attack writes. A sweep asks for many
things that do not exist, for those that exist only where they should not, or for one top folder after the other
without having come from any page; a browser comes from one, and a program's requests share their first folder.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import unquote_plus

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import Batch
from giamsat_agent.packets.detector import SECOND_NS, Table, Told

REPLY: Final = b"HTTP"
LINE_BYTES: Final = 4_096
SPAN_NS: Final = 60 * SECOND_NS
PROBES: Final = 5
MISSING: Final = 15
FOLDERS: Final = 12
FOLDERS_NS: Final = 10 * SECOND_NS
LOOKED_AT: Final = 4_096
PAIRS: Final = 512
KEPT: Final = 64
"""Requests of one kind that are kept of each pair: 24 MB at most for all, whoever asks for whatever."""
ATTACKS: Final = {
    "SQL injection": (
        "union select", "union all select", "' or '", "' or 1=1", '" or "', "1=1--", "' and '", "or 1=1", "sleep(",
        "benchmark(", "information_schema", "waitfor delay", "xp_cmdshell", "' --", "';--", "order by 1", "pg_sleep(",
    ),
    "cross-site scripting": ("<script", "javascript:", "onerror=", "onload=", "alert(", "document.cookie"),
    "path traversal": (
        "../../", "..\\..\\", "/etc/passwd", "/etc/shadow", "win.ini", "boot.ini", "/proc/self/environ",
    ),
    "command injection": (
        "${jndi:", ";wget ", ";curl ", "|wget ", "&&wget ", ";cat /", "|cat /", "/bin/sh", "/bin/bash", "powershell",
        "cmd.exe",
    ),
    "code injection": (
        "<?php", "eval(", "base64_decode(", "php://input", "php://filter", "auto_prepend_file", "call_user_func",
    ),
}  # fmt: skip
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
        self._told: Told[tuple[str, int, int]] = Told()

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return sum(table.evicted for table in (self._missing, self._probes, self._folders, self._attacks))

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        long = batch.held[batch.web] >= 16  # noqa: PLR2004 - the shortest request
        for at in batch.web[long][:LOOKED_AT].tolist():
            content = batch.content(at)[:LINE_BYTES]
            if content.startswith(REPLY):
                yield from self._answered(batch, at, content)
            else:
                yield from self._asked(batch, at, content)

    def _asked(self, batch: Batch, at: int, content: bytes) -> Iterator[Anomaly]:
        parts = content.split(b"\r\n", 1)[0].split(b" ")
        if len(parts) < 2:  # noqa: PLR2004 - method and path
            return
        raw = b" ".join(parts[1:-1] or parts[1:]).decode("latin-1")
        body = content.partition(b"\r\n\r\n")[2].decode("latin-1")
        pair = (int(batch.source[at]), int(batch.destination[at]))
        kind = attack(raw) or attack(body)
        if kind is not None:
            seen = self._attacks.get(pair) or self._attacks.put(pair, deque(maxlen=KEPT))
            seen.append(int(batch.number[at]))
            if self._told.due(("web_attack", *pair), int(batch.time_ns[at]), len(seen)):
                words = (f"tấn công web ({kind})", f"a web attack ({kind})")
                yield _anomaly(batch, at, pair, _Found("web_attack", words, list(seen)))
        path = raw.partition("?")[0].lower()
        if path.startswith(PROBED):
            yield from self._probed(batch, at, pair, path)
        elif b"\r\nreferer:" not in content.lower():
            yield from self._wandered(batch, at, pair, path.lstrip("/").partition("/")[0])

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


def _note(asked: _Asked, what: str, seen: tuple[int, int], span_ns: int) -> None:
    """What was asked for, when and in which frame; what was asked for longer ago than the span is forgotten."""
    key = hash(what)
    asked.pop(key, None)
    asked[key] = seen
    while len(asked) > KEPT or seen[0] - next(iter(asked.values()))[0] > span_ns:
        del asked[next(iter(asked))]


def attack(text: str) -> str | None:
    """The kind of attack a request's text shows; None when it shows none. Decoded twice, as attacks are encoded."""
    plain = " ".join(unquote_plus(unquote_plus(text)).lower().replace("/**/", " ").split())
    return next((kind for kind, signs in ATTACKS.items() if any(sign in plain for sign in signs)), None)


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
