# SPDX-License-Identifier: Apache-2.0
"""A switch as it shows one VLAN: many keep the tables of BRIDGE-MIB by VLAN, each for its community or context.

With versions 1 and 2c that is the community with `@` and the VLAN's number behind it, with version 3 the context
`vlan-` and the number, as Cisco's switches have it (Community String Indexing).
"""

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

from giamsat_agent.address import split
from giamsat_agent.config import Device as Settings
from giamsat_agent.devices import credential
from giamsat_agent.devices.credential import Community
from giamsat_agent.devices.gufo_client import PORT
from giamsat_agent.devices.poll import Asked
from giamsat_agent.devices.session import OPENED_BY

OfVlan: TypeAlias = Callable[[int], Asked]
"""The switch as it shows a VLAN; raises SilentError or RefusedError where it cannot be asked."""


def of(its: Settings) -> OfVlan:
    """How a configured switch is asked for one VLAN.

    Raises:
        CredentialError: its credential cannot be read.
    """
    known = credential.of(its)
    host, port = split(its.address, PORT)
    if isinstance(known, Community):
        opened, version, word = OPENED_BY[its.library], known.version, known.word
        return lambda vlan: opened(host, port, Community(version, f"{word}@{vlan}"), timeout_s=its.timeout_s)

    from giamsat_agent.devices.pysnmp_client import TolerantDevice  # noqa: PLC0415 - 15 MB that few agents need

    # gufo-snmp knows no contexts. Keys are made once: all VLANs are asked through one engine.
    @cache
    def whole() -> TolerantDevice:
        return TolerantDevice(host, port, known, timeout_s=its.timeout_s)

    return lambda vlan: whole().in_context(f"vlan-{vlan}")
