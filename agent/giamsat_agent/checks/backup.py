# SPDX-License-Identifier: Apache-2.0
"""What a backup job leaves behind: how old its newest file is, and how large."""

import glob
import os
import stat
from itertools import islice
from typing import Final

from giamsat_agent.check import Run, UnusableError, WrongAnswerError
from giamsat_agent.check_settings import Backup

FILES: Final = 20_000
"""Files of one pattern that are looked at."""
HOUR_S: Final = 3_600


class BackupCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Backup) -> None:
        self._its = its

    async def run(self, run: Run) -> None:
        """Look for the newest file."""
        its = self._its
        newest_s, size = await run.blocking(lambda: newest(its.target))
        run.set("giamsat_check_newest_file_mtime_seconds", newest_s)
        run.set("giamsat_check_newest_file_size_bytes", size)
        hours = (run.clock.wall_ns() / 1e9 - newest_s) / HOUR_S
        if hours > its.hours_most:
            raise WrongAnswerError(f"the newest backup is {hours:.1f} hours old, more than {its.hours_most:g}")
        if size < its.bytes_least:
            raise WrongAnswerError(f"the newest backup has {size} bytes, fewer than {its.bytes_least}")


def newest(pattern: str) -> tuple[float, int]:
    """When the newest file of a pattern was last written (UNIX seconds), and its size.

    Raises:
        WrongAnswerError: there is none.
        UnusableError: there are too many to look at.
    """
    found: tuple[float, int] | None = None
    paths = list(islice(glob.iglob(pattern), FILES + 1))  # noqa: PTH207 - a pattern may begin at the root
    if len(paths) > FILES:
        raise UnusableError(f"{pattern} fits more than {FILES} files; give a narrower pattern")
    for path in paths:
        try:
            about = os.stat(path)  # noqa: PTH116 - no Path is made of each of thousands
        except OSError:
            continue  # gone since it was listed
        if stat.S_ISREG(about.st_mode) and (found is None or about.st_mtime > found[0]):
            found = (about.st_mtime, about.st_size)
    if found is None:
        raise WrongAnswerError(f"there is no file {pattern}, or the agent may not see it")
    return found
