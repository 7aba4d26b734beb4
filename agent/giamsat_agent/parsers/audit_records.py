# SPDX-License-Identifier: Apache-2.0
"""Records of one audit message, put together: the kernel says who acted in one record and what was done in others.

SYSCALL comes first and names the users and the program; EXECVE has the arguments, CWD the folder, PATH the files. Each
record still becomes its own event when it arrives, with what the records before it said. The kernel gives the parent of
a program as a number only; its name is known if its own start was told before.
"""

import posixpath
from collections.abc import Mapping
from typing import Final

from giamsat_agent.message import Meaning
from giamsat_wire.record import FieldValue

PRODUCT: Final = "auditd"
MESSAGES_KEPT: Final = 64
"""Messages whose records are remembered; the kernel writes those of one message one after the other."""
PROGRAMS_KEPT: Final = 4_096
"""Processes whose program is remembered; the one that was started first is forgotten first."""
SHARED: Final = ("process.", "user.", "rule.", "event.outcome", "auditd.syscall")
"""Fields of one record that hold for all of its message; arguments are a call's in one, a program's in another."""
NAMES: Final = {"UID": "user.name", "EUID": "user.effective.name", "AUID": "user.audit.name"}
"""What auditd adds to SYSCALL when its log is enriched (auditd.conf, log_format)."""
ACCOUNTS: Final = frozenset(
    {
        "user-account-created", "user-account-deleted", "user-account-changed", "user-password-changed",
        "group-created", "group-deleted",
    }
)  # fmt: skip
"""Kinds of events about accounts."""
PLACED: Final = {"CREATE": "file-created", "DELETE": "file-deleted"}
"""What `nametype` says was done to the file of a PATH record."""


class AuditRecords:
    """Remembers what the records of the latest messages said."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, FieldValue]] = {}
        self._programs: dict[tuple[str, str], FieldValue] = {}

    def join(self, values: Mapping[str, str], meaning: Meaning) -> Meaning:
        """The meaning of a record, with what its message has said so far."""
        message = values.get("msg", "")
        if not message.startswith("audit("):
            return meaning
        message = f"{values.get('node', '')} {message}"
        kind, fields = meaning.kind, dict(meaning.fields)
        names = {name: values[key] for key, name in NAMES.items() if values.get(key)}
        if values.get("type") == "SYSCALL":
            fields |= names
            self._descend(values, fields, kind)
        elif kind in ACCOUNTS:
            # `acct` is whom it was done to, and no user who did it.
            fields.pop("user.name", None)
            fields |= names
        else:
            fields |= self._known.get(message, {})
        if values.get("type") == "PATH":
            kind = self._place(values, fields, kind)
        shared = {name: value for name, value in fields.items() if name.startswith(SHARED)}
        self._known.pop(message, None)
        self._known[message] = shared
        if len(self._known) > MESSAGES_KEPT:
            del self._known[next(iter(self._known))]
        return Meaning(kind, fields)

    def _descend(self, values: Mapping[str, str], fields: dict[str, FieldValue], kind: str) -> None:
        """Name the program of the process's parent, and remember this one's if it was just started."""
        node = values.get("node", "")
        parent = self._programs.get((node, values.get("ppid", "")))
        if parent is not None:
            fields["process.parent.executable"] = parent
        process, program = (node, values.get("pid", "")), fields.get("process.executable")
        if kind == "process-started" and program is not None:
            self._programs.pop(process, None)
            self._programs[process] = program
            if len(self._programs) > PROGRAMS_KEPT:
                del self._programs[next(iter(self._programs))]

    @staticmethod
    def _place(values: Mapping[str, str], fields: dict[str, FieldValue], kind: str) -> str:
        """Make the file's path absolute; the kind of event if a rule of auditd (its `key`) asked for this file."""
        path, folder = fields.get("file.path"), fields.get("process.working_directory")
        if isinstance(path, str) and isinstance(folder, str):
            fields["file.path"] = posixpath.normpath(posixpath.join(folder, path))
        succeeded = fields.get("event.outcome") != "failure"
        return PLACED.get(values.get("nametype", ""), kind) if "rule.name" in fields and succeeded else kind
