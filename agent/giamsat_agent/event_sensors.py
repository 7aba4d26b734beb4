# SPDX-License-Identifier: Apache-2.0
"""The sensors that yield events."""

from typing import Final

from giamsat_agent.sensor import SensorSpec
from giamsat_agent.sensors import clock_jump, listening_ports, system_log

EVENTS: Final[tuple[SensorSpec, ...]] = (clock_jump.SPEC, listening_ports.SPEC, system_log.SPEC)
