# SPDX-License-Identifier: Apache-2.0
"""A network namespace for the time of a bench: unmade however the bench ends, and made anew where one was left over."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Final

NAMED: Final = Path("/run/netns")


def end_in_order() -> None:
    """From now on SIGTERM and a closed terminal end this program like an error would: what was made is unmade."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)


@contextlib.contextmanager
def namespace(name: str, *, link: str = "") -> Iterator[None]:
    """A fresh namespace; one of a run that was killed is removed first, with what still runs in it and its `link`."""
    if (NAMED / name).exists():
        _remove_left_over(name)
    if link and (Path("/sys/class/net") / link).exists():
        # The kernel takes it away with the other end, at a time of its own; then there is none to delete.
        subprocess.run(["ip", "link", "delete", link], check=False, stderr=subprocess.DEVNULL)
    _ip("netns", "add", name)
    try:
        yield
    finally:
        _ip("netns", "delete", name)


def _remove_left_over(name: str) -> None:
    print(f"note: removing the network namespace {name}, left over by a run that was killed", file=sys.stderr)
    inside = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=True).stdout.split()
    for process in inside:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGKILL)
    _ip("netns", "delete", name)


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
