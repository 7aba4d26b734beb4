# SPDX-License-Identifier: Apache-2.0
"""Asks one configured device who stands next to it."""

from giamsat_agent.config import Device as Settings
from giamsat_agent.devices import neighbours
from giamsat_agent.devices.reading import SYSTEM, text
from giamsat_agent.devices.session import opened
from giamsat_agent.devices.topology import Seen


def surroundings(its: Settings) -> Seen:
    """The device with its neighbours.

    Raises:
        DeviceError: it does not answer, or its credential cannot be read.
    """
    device = opened(its)
    own_name = text(device.get([SYSTEM["sysName"]]).get(SYSTEM["sysName"]))
    return Seen(its.name, its.address, own_name, tuple(neighbours.read(device)))
