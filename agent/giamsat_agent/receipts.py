# SPDX-License-Identifier: Apache-2.0
"""Receipts of the collector on their way to the running agent, which listens on nothing: files in its own folder.

`spool import` verifies a receipt and leaves here what it says; the agent takes it from here within seconds, or when it
starts. The folder is the agent's alone, so what lies in it needs no signature any more.
"""

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from giamsat_agent.errors import StateError
from giamsat_wire import durable
from giamsat_wire.lane import Lane

FOLDER: Final = "receipts"
SUFFIX: Final = ".json"


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The collector holds everything of `lane` in `epoch` up to and including `seq`."""

    lane: Lane
    epoch: int
    seq: int


def leave(state: Path, told: Iterable[Told], name: str) -> None:
    """Leave what a receipt says for the agent whose state folder this is.

    Raises:
        StateError: the folder cannot be written.
    """
    folder = state / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        durable.replace(folder / f"{name}{SUFFIX}", msgspec.json.encode(list(told)))
    except OSError as error:
        raise StateError(
            f"{folder}: không ghi được; chạy bằng tài khoản của agent hoặc root / "
            f"cannot be written: {error.strerror}; run as the agent's user or as root"
        ) from error


def taken(state: Path) -> list[Told]:
    """What was left, oldest first; it is removed, and what cannot be read is passed over."""
    found: list[Told] = []
    for path in sorted((state / FOLDER).glob(f"*{SUFFIX}")):
        with contextlib.suppress(OSError, msgspec.DecodeError):
            found += msgspec.json.decode(path.read_bytes(), type=list[Told])
        with contextlib.suppress(OSError):
            path.unlink()
    return found
