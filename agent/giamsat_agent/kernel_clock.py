# SPDX-License-Identifier: Apache-2.0
"""What the kernel says of its clock, from adjtimex(2), and how one process hands that on to another of this machine.

As a program, `python -m giamsat_agent.kernel_clock`, it says whether the kernel tells: exit code 0 when it does.
"""

import ctypes
import errno
import os
import struct
import sys
from dataclasses import dataclass
from typing import ClassVar, Final

_HEAD: Final = struct.Struct("=Qi")


class ForbiddenError(Exception):
    """This process may not ask: its service or container filters the system call."""


class Timex(ctypes.Structure):
    """struct timex of <sys/timex.h>; all zeros means: tell, do not change."""

    _fields_: ClassVar = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", ctypes.c_long * 2),
        ("tick", ctypes.c_long),
        ("ppsfreq", ctypes.c_long),
        ("jitter", ctypes.c_long),
        ("shift", ctypes.c_int),
        ("stabil", ctypes.c_long),
        ("jitcnt", ctypes.c_long),
        ("calcnt", ctypes.c_long),
        ("errcnt", ctypes.c_long),
        ("stbcnt", ctypes.c_long),
        ("tai", ctypes.c_int),
        ("reserved", ctypes.c_int * 11),
    ]


@dataclass(frozen=True, slots=True)
class Told:
    """One answer: when it was given (CLOCK_BOOTTIME), and what adjtimex returned."""

    mono_ns: int
    timex: Timex
    state: int


TOLD_BYTES: Final = _HEAD.size + ctypes.sizeof(Timex)


def read() -> tuple[Timex, int]:
    """The kernel's answer, and what adjtimex returned; nothing is changed.

    Raises:
        ForbiddenError: the call is filtered.
        OSError: it failed.
    """
    timex = Timex()
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    if state < 0:
        error = ctypes.get_errno()
        if error in {errno.EPERM, errno.ENOSYS}:
            raise ForbiddenError
        raise OSError(error, f"adjtimex(2): {os.strerror(error)}")
    return timex, state


def packed(told: Told) -> bytes:
    """An answer as another process of this machine reads it."""
    return _HEAD.pack(told.mono_ns, told.state) + bytes(told.timex)


def unpacked(data: bytes) -> Told:
    """The same back; ValueError when it cannot be one."""
    if len(data) != TOLD_BYTES:
        raise ValueError(f"{len(data)} bytes of a clock, not {TOLD_BYTES}")
    mono_ns, state = _HEAD.unpack_from(data)
    return Told(mono_ns, Timex.from_buffer_copy(data, _HEAD.size), state)


def main() -> None:
    """Ask once; one message, and exit code 1, when there is no answer."""
    try:
        read()
    except (ForbiddenError, OSError) as error:
        reason = str(error) or "adjtimex(2) is not allowed here"
        print(f"giamsat-clock: {reason}", file=sys.stderr)  # noqa: T201 - the one line a person waits for
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
