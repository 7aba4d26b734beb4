# SPDX-License-Identifier: Apache-2.0
"""How well the kernel's clock is disciplined, from adjtimex(2)."""

import ctypes
import errno
import os
from collections.abc import Iterator
from typing import ClassVar, Final

from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.record import Sample

TIME_ERROR: Final = 5
"""The state adjtimex returns while the clock is not synchronized."""
STA_NANO: Final = 0x2000
"""The status bit that says: offset and jitter are in nanoseconds, not microseconds."""
MICROS_PER_S: Final = 1e6
NANOS_PER_S: Final = 1e9
SCALED_PPM: Final = 1e6 * 65_536
"""Frequencies are parts per million with a 16-bit fraction (adjtimex(2), NOTES)."""


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


class ClockDiscipline:
    """The kernel's clock of this very machine: a system call, so no fixture root stands in for it."""

    def __init__(self, host: Host) -> None:
        del host
        self._libc = ctypes.CDLL(None, use_errno=True)

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        timex = Timex()
        state = self._libc.adjtimex(ctypes.byref(timex))
        if state < 0:
            error = ctypes.get_errno()
            if error in {errno.EPERM, errno.ENOSYS}:
                raise NothingToRead("adjtimex(2) is not allowed here; a container's seccomp profile may forbid it")
            raise OSError(error, f"adjtimex(2): {os.strerror(error)}")
        yield from samples(timex, state)


def samples(timex: Timex, state: int) -> Iterator[Sample]:
    """The facts of `timex` in seconds and ratios; `state` is what adjtimex returned."""
    fine = NANOS_PER_S if timex.status & STA_NANO else MICROS_PER_S
    for name, value in (
        ("sync_status", 0 if state == TIME_ERROR else 1),
        ("offset_seconds", timex.offset / fine),
        ("frequency_adjustment_ratio", 1 + timex.freq / SCALED_PPM),
        ("maxerror_seconds", timex.maxerror / MICROS_PER_S),
        ("estimated_error_seconds", timex.esterror / MICROS_PER_S),
        ("status", timex.status),
        ("loop_time_constant", timex.constant),
        ("tick_seconds", timex.tick / MICROS_PER_S),
        ("pps_frequency_hertz", timex.ppsfreq / SCALED_PPM),
        ("pps_jitter_seconds", timex.jitter / fine),
        ("pps_shift_seconds", timex.shift),
        ("pps_stability_hertz", timex.stabil / SCALED_PPM),
        ("pps_jitter_total", timex.jitcnt),
        ("pps_calibration_total", timex.calcnt),
        ("pps_error_total", timex.errcnt),
        ("pps_stability_exceeded_total", timex.stbcnt),
        ("tai_offset_seconds", timex.tai),
    ):
        yield Sample(f"node_timex_{name}", float(value))


SPEC: Final = SensorSpec(name="timex", build=ClockDiscipline, every_s=15)
