# SPDX-License-Identifier: Apache-2.0
"""When the collector's data was backed up last, as the collector itself knows: none taken for long is an alert."""

import json
import os
from pathlib import Path
from typing import Final

import structlog

from giamsat_wire import durable
from giamsat_wire.clock import SECOND_NS

FILE: Final = "backup.json"

log = structlog.get_logger()


def taken_at_rest(folder: Path, at_ns: int) -> None:
    """One was taken while no collector ran; the next one finds it written down in a file of its own.

    Raises:
        OSError: there is no such file, or it cannot be given to whose folder it lies in.
    """
    Standing(folder, at_ns).taken(at_ns)
    whose = folder.stat()
    os.chown(folder / FILE, whose.st_uid, whose.st_gid, follow_symlinks=False)


class Standing:
    """Kept in a file of the data folder; before the first backup time counts from when there was data.

    A file that cannot be written stops nothing: then a restart knows less.
    """

    def __init__(self, folder: Path, now_ns: int) -> None:
        self._path = folder / FILE
        self.since_ns = now_ns
        self.last_ns: int | None = None
        try:
            said = json.loads(self._path.read_bytes())
            since_ns, last_ns = int(said["since_ns"]), said["last_ns"]
            self.since_ns, self.last_ns = since_ns, None if last_ns is None else int(last_ns)
        except FileNotFoundError:
            self._write()
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            log.warning("last_backup_unknown", file=str(self._path), reason=str(error))

    def age_s(self, now_ns: int) -> float:
        """Seconds since the last one."""
        return max(0, now_ns - (self.since_ns if self.last_ns is None else self.last_ns)) / SECOND_NS

    def taken(self, at_ns: int) -> None:
        """One was taken."""
        self.last_ns = at_ns
        self._write()

    def _write(self) -> None:
        try:
            durable.replace(self._path, json.dumps({"since_ns": self.since_ns, "last_ns": self.last_ns}).encode())
        except OSError as error:
            log.warning("last_backup_not_kept", file=str(self._path), reason=str(error))
