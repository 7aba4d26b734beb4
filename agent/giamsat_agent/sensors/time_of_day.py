# SPDX-License-Identifier: Apache-2.0
"""The host's clock, its time zone and the hardware the kernel takes time from."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from giamsat_agent.machine.kernel_text import attribute
from giamsat_agent.sensor import Host, SensorSpec
from giamsat_wire.record import Sample


class TimeOfDay:
    """What time the host believes it is."""

    def __init__(self, host: Host) -> None:
        self._clock = host.clock
        self._clocksources: Path = host.sys / "devices/system/clocksource"

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        now_ns = self._clock.wall_ns()
        zone = time.localtime(now_ns // 1_000_000_000)
        yield Sample("node_time_seconds", now_ns / 1e9)
        yield Sample("node_time_zone_offset_seconds", float(zone.tm_gmtoff), (("time_zone", zone.tm_zone),))
        folder = self._clocksources / "clocksource0"
        available = attribute(str(folder / "available_clocksource")) or ""
        current = attribute(str(folder / "current_clocksource")) or ""
        for clocksource in available.split():
            yield _info("available", clocksource)
        if current:
            yield _info("current", current)


def _info(which: str, clocksource: str) -> Sample:
    return Sample(f"node_time_clocksource_{which}_info", 1.0, (("clocksource", clocksource), ("device", "0")))


SPEC: Final = SensorSpec(name="time", build=TimeOfDay, every_s=15)
