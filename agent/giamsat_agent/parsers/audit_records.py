# SPDX-License-Identifier: Apache-2.0
"""Records of one audit message, put together: the kernel says who acted in one record and what was done in others.

SYSCALL comes first and names the users and the program; EXECVE has the arguments, CWD the folder, PATH the files. Each
record still becomes its own event when it arrives, with what the records before it said.
"""

import posixpath
from collections.abc import Mapping
from typing import Final

from giamsat_agent.message import Meaning
from giamsat_wire.record import FieldValue

PRODUCT: Final = "auditd"
MESSAGES_KEPT: Final = 64
"""Messages whose records are remembered; the kernel writes those of one message one after the other."""
SHARED: Final = ("process.", "user.", "rule.", "event.outcome", "auditd.")
"""Fields of one record that hold for all of its message."""
NAMES: Final = {"UID": "user.name", "EUID": "user.effective.name", "AUID": "user.audit.name"}
"""What auditd adds to SYSCALL when its log is enriched (auditd.conf, log_format)."""
PLACED: Final = {"CREATE": "file-created", "DELETE": "file-deleted"}
"""What `nametype` says was done to the file of a PATH record."""


class AuditRecords:
    """Remembers what the records of the latest messages said."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, FieldValue]] = {}

    def join(self, values: Mapping[str, str], meaning: Meaning) -> Meaning:
        """The meaning of a record, with what its message has said so far."""
        message = values.get("msg", "")
        if not message.startswith("audit("):
            return meaning
        message = f"{values.get('node', '')} {message}"
        kind, fields = meaning.kind, dict(meaning.fields)
        if values.get("type") == "SYSCALL":
            fields |= {name: values[key] for key, name in NAMES.items() if values.get(key)}
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

    @staticmethod
    def _place(values: Mapping[str, str], fields: dict[str, FieldValue], kind: str) -> str:
        """Make the file's path absolute; the kind of event if a rule of auditd (its `key`) asked for this file."""
        path, folder = fields.get("file.path"), fields.get("process.working_directory")
        if isinstance(path, str) and isinstance(folder, str):
            fields["file.path"] = posixpath.normpath(posixpath.join(folder, path))
        succeeded = fields.get("event.outcome") != "failure"
        return PLACED.get(values.get("nametype", ""), kind) if "rule.name" in fields and succeeded else kind
