# SPDX-License-Identifier: Apache-2.0
"""The systemd journal, followed through journalctl.

Only its own library reads the journal's files, whose format systemd changes; journalctl is the stable way in. It runs
as a child (the one exception to the agent's rule of starting no programs) with fixed arguments, without a shell, with a
pipe that is never waited for and no more rights than the agent. When it ends it is started again, later each time.

At the first start a journalctl of its own asks for the last entry before the time it is to begin at, whose cursor is
the place to go on from: `--follow` with `--lines` loses the first entries when none matched before, and `--until` with
`--lines` finds nothing unless `--reverse` stands beside it (both seen with systemd 252).

`--follow` alone shows only what was written in the boot that the kernel names: nothing of what stood unread when the
host went down, and nothing at all in a container that was given a boot id of its own which the service does not see.
`--merge` shows every boot, and the journals of other machines that are kept beside this one's, which the machine id
leaves out.
"""

import fcntl
import glob
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from giamsat_agent.log import Cursor, Entry, LogLost
from giamsat_agent.logs.journal_entry import FIELDS, parse
from giamsat_agent.logs.lines import Lines
from giamsat_wire.clock import SECOND_NS, Clock

ENTRY_BYTES: Final = 256 << 10
"""The longest line of journalctl that is read; its own cap of 4 KiB a field keeps it far below."""
READ_BYTES: Final = 1 << 20
"""The most that is taken from the pipe in one reading."""
PIPE_BYTES: Final = 1 << 20
"""What the kernel may hold for us between two readings; the most it grants to those who are not root."""
RESTART_S: Final = (1, 2, 4, 8, 15, 30, 60)
"""How long to wait before journalctl is started again, by how often it ended without an entry."""
MATCHES: Final = (
    ("SYSLOG_FACILITY=4", "SYSLOG_FACILITY=10"),
    ("_PID=1",),
    ("SYSLOG_IDENTIFIER=sshd", "SYSLOG_IDENTIFIER=sshd-session", "SYSLOG_IDENTIFIER=systemd-sysusers"),
    ("_TRANSPORT=kernel",),
)
"""What a syslog daemon would put into its auth file (facilities auth and authpriv), what systemd says, and the kernel.

What comes from the kernel's audit system is of the facility auth.
"""
_MACHINE: Final = re.compile(r"[0-9a-f]{32}")
_CURSOR: Final = re.compile(r"[0-9A-Za-z=;]{1,400}")
_CHUNK: Final = 64 << 10
_COMPLAINT_BYTES: Final = 1_000


class Journal:
    """Implements giamsat_agent.log.Source."""

    provider = "journald"
    path = ""

    def __init__(
        self, program: str, *, clock: Clock, since_ns: int, machine: str = "", options: Sequence[str] = ()
    ) -> None:
        """Follow the journal with journalctl at `program`, at first from `since_ns` (UNIX time).

        `machine` is the id of the host whose entries are read, every host's where it is none; `options` choose another
        journal than this host's.
        """
        self._program = program
        self._matches = tuple(matches(machine if _MACHINE.fullmatch(machine) else ""))
        self._options = tuple(options)
        self._clock = clock
        self._child: subprocess.Popen[bytes] | None = None
        self._lines = Lines(most=ENTRY_BYTES)
        self._last = ("--reverse", "--lines=1", f"--until=@{since_ns / SECOND_NS:.6f}")
        self._from: tuple[str, ...] = self._last
        self._cursor = ""
        self._ended = 0
        self._start_ns = 0
        self._complaint = b""
        self._said = ""

    def read(self) -> Iterator[Entry]:
        """Entries that were not read before.

        Raises:
            LogLost: journalctl ended; it is started again at a later call.
        """
        child = self._running()
        # Asked before the pipe is emptied: what it wrote before its end is then certainly read.
        ended = child.poll() is not None
        # Read all along, though only the end of it is told: a child whose complaints nobody takes waits for ever.
        self._complaint = (self._complaint + _available(child.stderr))[-_COMPLAINT_BYTES:]
        yield from self._entries()
        budget = READ_BYTES
        while budget > 0 and (chunk := _available(child.stdout)):
            budget -= len(chunk)
            self._lines.feed(chunk)
            yield from self._entries()
        if budget <= 0 or not ended:
            return
        if self._from == self._last and child.returncode == 0:
            self.close()
            self.resume(self.cursor())
        else:
            self._give_up(child)
            raise LogLost(self._said)

    def cursor(self) -> Cursor:
        """The cursor of the last entry taken."""
        return {"cursor": self._cursor} if self._cursor else {}

    def resume(self, cursor: Cursor) -> None:
        """Go on after `cursor`; without one that journalctl could know, from the journal's start."""
        known = cursor.get("cursor")
        self._cursor = known if isinstance(known, str) and _CURSOR.fullmatch(known) else ""
        place = (f"--after-cursor={self._cursor}",) if self._cursor else ()
        self._from = ("--follow", "--no-tail", "--merge", *place)

    def close(self) -> None:
        """End journalctl."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdout, child.stderr):
            if pipe is not None:
                pipe.close()

    def _entries(self) -> Iterator[Entry]:
        while (line := self._lines.take()) is not None:
            if (parsed := parse(line.content)) is not None:
                self._cursor, entry = parsed
                self._ended = 0
                if self._from != self._last:
                    yield entry

    def _running(self) -> "subprocess.Popen[bytes]":
        """The child, started if it is time."""
        if self._child is not None:
            return self._child
        if self._clock.mono_ns() < self._start_ns:
            raise LogLost(self._said)
        if self._cursor and self._from != self._last:
            self.resume(self.cursor())
        self._lines, self._complaint = Lines(most=ENTRY_BYTES), b""
        self._child = self._start()
        return self._child

    def _start(self) -> "subprocess.Popen[bytes]":
        child = subprocess.Popen(  # noqa: S603 - a fixed program; the one variable argument is a checked cursor
            [
                self._program, *self._options, "--output=json", "--quiet", *self._from,
                f"--output-fields={','.join(FIELDS)}", *self._matches,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={"LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        for pipe in (child.stdout, child.stderr):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
        if child.stdout is not None:
            _widen(child.stdout.fileno())
        return child

    def _give_up(self, child: "subprocess.Popen[bytes]") -> None:
        """Put the dead child away, and decide when and from where the next one begins."""
        complaint = self._complaint.strip()
        self.close()
        if b"to cursor" in complaint:
            # The journal does not take this cursor. What is read again is known by its event.id.
            self.resume({})
        wait_s = RESTART_S[min(self._ended, len(RESTART_S) - 1)]
        self._ended += 1
        self._start_ns = self._clock.mono_ns() + wait_s * SECOND_NS
        said = complaint.decode("utf-8", "backslashreplace") or "without a word"
        self._said = f"{self._program} ended with code {child.returncode} ({said}); it is started again in {wait_s} s"


def matches(machine: str) -> Iterator[str]:
    """MATCHES in journalctl's words, of one machine where it is named."""
    of_it = (f"_MACHINE_ID={machine}",) if machine else ()
    for number, alternatives in enumerate(MATCHES):
        yield from (*(("+",) if number else ()), *of_it, *alternatives)


def machine_id(root: Path) -> str:
    """The id under which this host's journal is kept; empty where there is none."""
    try:
        return (root / "etc/machine-id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _widen(descriptor: int) -> None:
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except OSError:
        return  # the kernel's limit for this user is used up; a narrow pipe only means more readings


def _available(pipe: IO[bytes] | None) -> bytes:
    """What stands in a pipe now; nothing when it is empty or at its end."""
    return b"" if pipe is None else pipe.read(_CHUNK) or b""


def journalctl(root: Path) -> str | None:
    """The path of a journalctl that can read this host's system journal with the agent's rights, if there is one."""
    readable = any(
        os.access(root / folder / file, os.R_OK)
        for folder in ("run/log/journal", "var/log/journal")
        for file in glob.glob("*/system.journal", root_dir=root / folder)  # noqa: PTH207 - Path's fails where one may not look
    )
    program = root / "usr/bin/journalctl"
    return str(program) if readable and os.access(program, os.X_OK) else None
