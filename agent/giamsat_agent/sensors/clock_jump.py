# SPDX-License-Identifier: Apache-2.0
"""Whether somebody moved the host's clock: wall time against CLOCK_BOOTTIME, from one reading to the next."""

from collections.abc import Iterator
from typing import Final

from giamsat_agent import ecs
from giamsat_agent.sensor import Host, SensorSpec
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.record import Event

JUMP_NS: Final = 1_000_000_000
"""What is no jump: the time between two looks at two clocks. Slewing moves both clocks alike and is never seen here."""


class ClockJump:
    """Compares two clocks."""

    def __init__(self, host: Host) -> None:
        self._clock = host.clock
        self._distance_ns: int | None = None

    def read(self) -> Iterator[Event]:
        """Yield one event when the clock was moved since the last reading."""
        wall_ns, mono_ns = self._clock.wall_ns(), self._clock.mono_ns()
        before, self._distance_ns = self._distance_ns, wall_ns - mono_ns
        if before is None or abs(moved := self._distance_ns - before) <= JUMP_NS:
            return
        direction = "forward" if moved > 0 else "backward"
        yield ecs.event(
            "clock-jumped",
            wall_ns=wall_ns,
            mono_ns=mono_ns,
            fields={
                "event.provider": "clock",
                "giamsat.clock.direction": direction,
                "giamsat.clock.jump_seconds": round(abs(moved) / SECOND_NS, 3),
                "message": f"the clock was moved {direction} by {abs(moved) / SECOND_NS:.3f} s",
            },
        )


SPEC: Final = SensorSpec(name="clock_jump", build=ClockJump, every_s=5)
