# SPDX-License-Identifier: Apache-2.0
"""What this process does to files and other processes while somebody looks, by Python's own audit events."""

import contextlib
import sys
import threading

STARTS = (
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "os.fork",
    "os.forkpty",
    "pty.spawn",
)
CHANGES = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate", "shutil.")
_looking: list["Touched"] = []
_hooked = False


class Touched:
    """`opened` are the paths that were opened, `changed` what else was done to files, `started` the programs."""

    def __init__(self):
        self.thread = threading.get_ident()
        self.opened: list[str] = []
        self.changed: list[str] = []
        self.started: list[str] = []

    def saw(self, event, words):
        if event == "open":
            self.opened.append(str(words[0]))
        elif event.startswith(STARTS):
            self.started.append(str(words[0]))
        elif event.startswith(CHANGES):
            self.changed.append(f"{event} {words[0]}")


@contextlib.contextmanager
def touched():
    """What this thread does while the context lasts. A hook can never be taken away again: there is one for all."""
    global _hooked  # noqa: PLW0603 - a hook is for the whole process, too
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked = True
    looking = Touched()
    _looking.append(looking)
    try:
        yield looking
    finally:
        _looking.remove(looking)


def _hook(event, words):
    for looking in _looking:
        if threading.get_ident() == looking.thread:
            looking.saw(event, words)
