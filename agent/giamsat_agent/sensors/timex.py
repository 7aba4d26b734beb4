# SPDX-License-Identifier: Apache-2.0
"""How well the kernel's clock is disciplined, from adjtimex(2)."""

from collections.abc import Iterator
from typing import Final

from giamsat_agent import kernel_clock
from giamsat_agent.kernel_clock import Timex
from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.record import Sample

TOLD: Final = "run/giamsat-clock/timex"
OLD_S: Final = 60.0
"""What was told longer ago than four readings says nothing of now."""
REMEDY: Final = "systemctl start giamsat-clock"
TIME_ERROR: Final = 5
"""The state adjtimex returns while the clock is not synchronized."""
STA_NANO: Final = 0x2000
"""The status bit that says: offset and jitter are in nanoseconds, not microseconds."""
MICROS_PER_S: Final = 1e6
SCALED_PPM: Final = 1e6 * 65_536
"""Frequencies are parts per million with a 16-bit fraction (adjtimex(2), NOTES)."""


class ClockDiscipline:
    """The kernel's clock of this very machine: a system call, so no fixture root stands in for it.

    A service that may not make the call reads what giamsat-clock.service, which may do nothing else, was told by it.
    """

    def __init__(self, host: Host) -> None:
        self._clock = host.clock
        self._told = host.root / TOLD

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        try:
            timex, state = kernel_clock.read()
        except kernel_clock.ForbiddenError:
            timex, state = self._read_told()
        yield from samples(timex, state)

    def _read_told(self) -> tuple[Timex, int]:
        try:
            with self._told.open("rb") as file:
                told = kernel_clock.unpacked(file.read(kernel_clock.TOLD_BYTES + 1))
        except FileNotFoundError as error:
            raise NothingToRead(
                f"{self._told}: không có, và ở đây không được hỏi giờ của nhân / is not there, and adjtimex(2) is not "
                f"allowed here; {REMEDY}"
            ) from error
        age_s = abs(self._clock.mono_ns() - told.mono_ns) / SECOND_NS
        if age_s > OLD_S:
            raise NothingToRead(f"{self._told}: đã cũ {age_s:.0f} s / is {age_s:.0f} s old; {REMEDY}")
        return told.timex, told.state


def samples(timex: Timex, state: int) -> Iterator[Sample]:
    """The facts of `timex` in seconds and ratios; `state` is what adjtimex returned."""
    fine = SECOND_NS if timex.status & STA_NANO else MICROS_PER_S
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
