# SPDX-License-Identifier: Apache-2.0
"""A control group for programs that share little memory, and how long they stand still for what they lack."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

from support.until import holds

ROOT = Path("/sys/fs/cgroup")


class ControlGroup:
    """`proc` shows the pressure in this group as that of the machine, as in a container that has a /proc of its own."""

    def __init__(self, folders, proc):
        self.proc = proc
        self._folder = folders[0]
        self._begin = "; ".join(f"echo $$ > {folder}/cgroup.procs" for folder in folders)

    @contextlib.contextmanager
    def running(self, *words):
        """A program in the group while the context lasts, with all it starts; yields its process."""
        command = ["sh", "-c", f'{self._begin}; exec "$@"', "sh", *map(str, words)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
            try:
                yield process
            finally:
                holds(self._emptied, 20, "everything in it has ended")

    def _emptied(self):
        left = (self._folder / "cgroup.procs").read_text().split()
        for each in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(each), signal.SIGKILL)
        return not left


@contextlib.contextmanager
def control_group(folder, *, mib):
    """A group with so much memory for the time of a test; `folder` is for its /proc."""
    name, old, unified = f"giamsat-{os.getpid()}", ROOT / "memory", ROOT / "unified"
    memory = (old if old.exists() else ROOT) / name
    group = unified / name if unified.exists() else memory
    proc = folder / "proc"
    (proc / "pressure").mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        for each in dict.fromkeys((memory, group)):
            each.mkdir()
            stack.callback(_removed, each)
        (memory / ("memory.limit_in_bytes" if old.exists() else "memory.max")).write_text(f"{mib << 20}")
        for resource in ("cpu", "memory", "io"):
            (proc / "pressure" / resource).symlink_to(group / f"{resource}.pressure")
        yield ControlGroup((memory, group), proc)


def _removed(folder):
    """Remove it once the last of its programs has ended."""

    def removed():
        with contextlib.suppress(OSError):
            folder.rmdir()
        return not folder.exists()

    holds(removed, 20, f"{folder} is removed")
