# SPDX-License-Identifier: Apache-2.0
"""Files that decide who may log in, what runs by itself and what is logged: told when one appears, changes or goes.

Each reading asks for the state of every file; only one whose state changed is read and hashed. Of a file this user may
not read, size, owner, mode and times are compared: nobody can set a change time back. The first reading is the baseline
and yields nothing; what happened while the agent was not running is not seen.
"""

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from giamsat_agent import ecs
from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.record import Event, FieldValue

FILES: Final = (
    *("etc/passwd", "etc/shadow", "etc/group", "etc/gshadow", "etc/sudoers", "etc/doas.conf", "etc/login.defs"),
    *("etc/ssh/sshd_config", "etc/nsswitch.conf", "etc/hosts", "etc/ld.so.preload", "etc/ld.so.conf"),
    *("etc/crontab", "etc/anacrontab", "etc/rc.local", "etc/profile", "etc/bash.bashrc", "etc/bashrc"),
    *("etc/environment", "etc/rsyslog.conf", "etc/audit/auditd.conf", "etc/audit/audit.rules", "etc/selinux/config"),
    *("etc/modules", "etc/sysctl.conf", "root/.ssh/authorized_keys", "root/.bashrc", "root/.profile"),
    *("etc/giamsat/agent.toml", "usr/bin/sudo", "usr/bin/passwd", "usr/sbin/sshd"),
)
"""What every host is watched for, below its root."""
FOLDERS: Final = (
    *("etc/sudoers.d", "etc/ssh/sshd_config.d", "etc/pam.d", "etc/ld.so.conf.d", "etc/profile.d"),
    *("etc/cron.d", "etc/cron.hourly", "etc/cron.daily", "etc/cron.weekly", "etc/cron.monthly"),
    *("var/spool/cron", "var/spool/cron/crontabs", "etc/init.d", "etc/systemd/system", "etc/systemd/system.conf.d"),
    *("etc/udev/rules.d", "etc/modules-load.d", "etc/modprobe.d", "etc/audit/rules.d", "etc/rsyslog.d"),
    *("opt/giamsat-agent/bin",),
)
"""Folders whose every file is watched, and the folder itself."""
HOMES: Final = "home"
KEYS: Final = ".ssh/authorized_keys"
"""Below each folder of HOMES."""
WATCHED_MOST: Final = 2_000
EVENTS_PER_READING: Final = 500
HASHED_BYTES: Final = 8 << 20
"""The largest file that is hashed; of a larger one the state is compared."""
PIECE_BYTES: Final = 64 << 10
_EVERY_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What a file was like. `hash` is empty when it could not be read, or is no file that is read.

    A folder is `sealed` when its entries may not be listed: only that it changed can be known of it.
    """

    mode: int
    uid: int
    gid: int
    size: int
    inode: int
    changed_ns: int
    target: str = ""
    hash: str = ""
    sealed: bool = False

    def differences(self, before: "Seen") -> tuple[str, ...]:
        """What a person would call changed since `before`; touching a file that keeps its content is nothing."""
        told: list[str] = []
        if stat.S_IFMT(self.mode) != stat.S_IFMT(before.mode):
            told.append("type")
        if self._content() != before._content():  # noqa: SLF001 - another of its kind
            told.append("content")
        if stat.S_IMODE(self.mode) != stat.S_IMODE(before.mode):
            told.append("mode")
        if (self.uid, self.gid) != (before.uid, before.gid):
            told.append("owner")
        return tuple(told)

    def _content(self) -> tuple[object, ...]:
        if self.hash or self.target:
            return (self.hash, self.target)
        return (self.size, self.inode, self.changed_ns) if self.sealed or stat.S_ISREG(self.mode) else ()


class FileIntegrity:
    """Compares critical files with what they were."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._known: dict[str, Seen] | None = None

    def read(self) -> Iterator[Event]:
        """Yield what changed since the last reading, at most EVENTS_PER_READING; the rest comes with the next one."""
        known = self._known if self._known is not None else {}
        now: dict[str, Seen] = {}
        hidden: set[str] = set()
        looked = self._paths()
        for path in looked:
            try:
                now[path] = self._look(path, known.get(path))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:
                hidden.add(path)
        if not now:
            raise NothingToRead(
                f"{self._host.root}: không có tệp nào cần theo dõi / has none of the watched files; they belong to a "
                "Linux host"
            )
        if self._known is None:
            self._known = now
            return
        told = 0
        for path in sorted(now.keys() | (known.keys() & set(looked)) - hidden):
            if told >= EVENTS_PER_READING:
                break
            before, after = known.get(path), now.get(path)
            event = self._event(path, before, after)
            if after is None:
                del known[path]
            else:
                known[path] = after
            if event is not None:
                told += 1
                yield event

    def _paths(self) -> list[str]:
        """Every watched path below the root, once, at most WATCHED_MOST: what is known goes before what is new."""
        # What stood in a folder and does not any more is still asked for, and told as gone.
        paths = dict.fromkeys((*FILES, *(path.strip("/") for path in self._host.files), *(self._known or ())))
        for folder in (*FOLDERS, HOMES):
            names: list[str] = []
            with contextlib.suppress(OSError):
                names = sorted(entry.name for entry in (self._host.root / folder).iterdir())
            if folder == HOMES:
                paths |= dict.fromkeys(f"{HOMES}/{name}/{KEYS}" for name in names)
            else:
                paths |= dict.fromkeys((folder, *(f"{folder}/{name}" for name in names)))
        return list(paths)[:WATCHED_MOST]

    def _look(self, path: str, before: Seen | None) -> Seen:
        full = self._host.root / path
        state = full.lstat()
        seen = Seen(state.st_mode, state.st_uid, state.st_gid, state.st_size, state.st_ino, state.st_ctime_ns)
        if before is not None and _same_state(seen, before):
            return before
        target = digest = ""
        if stat.S_ISLNK(state.st_mode):
            target = str(full.readlink())
        elif stat.S_ISREG(state.st_mode) and state.st_size <= HASHED_BYTES:
            with contextlib.suppress(PermissionError):
                digest = _hash(full)
        sealed = stat.S_ISDIR(state.st_mode) and not os.access(full, os.R_OK)
        return replace(seen, target=target, hash=digest, sealed=sealed)

    def _event(self, path: str, before: Seen | None, after: Seen | None) -> Event | None:
        differences: tuple[str, ...] = ()
        kind = "file-created"
        if after is None:
            kind = "file-deleted"
        elif before is not None:
            kind, differences = "file-changed", after.differences(before)
            if not differences:
                return None
        fields: dict[str, FieldValue] = {"event.provider": "file_integrity", "file.path": f"/{path}"}
        if differences:
            fields["event.reason"] = ", ".join(differences)
        if after is not None:
            fields |= {
                "file.type": _type(after.mode),
                "file.mode": f"{stat.S_IMODE(after.mode):04o}",
                "file.uid": str(after.uid),
                "file.gid": str(after.gid),
                "file.size": after.size,
            }
            if after.hash:
                fields["file.hash.sha256"] = after.hash
            if after.target:
                fields["file.target_path"] = after.target
        clock = self._host.clock
        return ecs.event(kind, wall_ns=clock.wall_ns(), mono_ns=clock.mono_ns(), fields=fields)


def _same_state(one: Seen, other: Seen) -> bool:
    """Whether nothing at all happened to the file: each change of content, owner or mode moves the change time."""
    return (one.changed_ns, one.inode, one.size, one.mode) == (other.changed_ns, other.inode, other.size, other.mode)


def _hash(path: Path) -> str:
    """The SHA-256 of a file's first HASHED_BYTES; a pipe put in its place meanwhile is not waited for."""
    digest = hashlib.sha256()
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123 - opened with flags
        for _ in range(HASHED_BYTES // PIECE_BYTES):
            piece = file.read(PIECE_BYTES)
            if not piece:
                break
            digest.update(piece)
    return digest.hexdigest()


def _type(mode: int) -> str:
    kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "symlink"}
    return kinds.get(stat.S_IFMT(mode), "other")


SPEC: Final = SensorSpec(name="file_integrity", build=FileIntegrity, every_s=_EVERY_S)
