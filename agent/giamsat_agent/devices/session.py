# SPDX-License-Identifier: Apache-2.0
"""Opens a session with a device, through the library that it is to be asked with."""

from collections.abc import Callable, Mapping
from typing import Final

from giamsat_agent.address import split
from giamsat_agent.config import Device as Settings
from giamsat_agent.config import SnmpLibrary
from giamsat_agent.devices import credential
from giamsat_agent.devices.credential import Credential
from giamsat_agent.devices.gufo_client import PORT, Device
from giamsat_agent.devices.poll import Asked


def _tolerant(host: str, port: int, known: Credential, *, timeout_s: float) -> Asked:
    from giamsat_agent.devices.pysnmp_client import TolerantDevice  # noqa: PLC0415 - 15 MB that few agents need

    return TolerantDevice(host, port, known, timeout_s=timeout_s)


OPENED_BY: Final[Mapping[SnmpLibrary, Callable[..., Asked]]] = {"gufo": Device, "pysnmp": _tolerant}


def opened(its: Settings) -> Asked:
    """A session with a configured device.

    Raises:
        SilentError, RefusedError: it does not answer, or not to this user.
        CredentialError: its credential cannot be read or used.
    """
    host, port = split(its.address, PORT)
    return OPENED_BY[its.library](host, port, credential.of(its), timeout_s=its.timeout_s)
