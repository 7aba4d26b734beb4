# SPDX-License-Identifier: Apache-2.0
import time
from pathlib import Path

from giamsat_wire.clock import SystemClock


def test_the_wall_clock_is_unix_time_in_nanoseconds():
    before = time.time()

    now = SystemClock().wall_ns() / 1e9

    assert before - 1e-3 <= now <= time.time() + 1e-3


def test_the_other_clock_is_the_time_since_boot_with_sleep_in_it():
    before = float(Path("/proc/uptime").read_text().split()[0])

    now = SystemClock().mono_ns() / 1e9

    assert before - 0.02 <= now <= float(Path("/proc/uptime").read_text().split()[0]) + 0.02


def test_the_other_clock_never_goes_back():
    clock = SystemClock()

    readings = [clock.mono_ns() for _ in range(10_000)]

    assert readings == sorted(readings)
