# SPDX-License-Identifier: Apache-2.0
"""Numbers for what frames are part of: one protocol between two ends, each an address and a port.

Different talks have different numbers, but for one pair in 2^64, and nobody can choose two that have the same.
"""

import secrets
from typing import Final

import numpy as np
import numpy.typing as npt

from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.addresses import Identities, wide

_SECRET: Final = np.uint64(secrets.randbits(64))
_PRIMES: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))


def end_of(address: Identities, port: Numbers) -> Identities:
    """A number for each end."""
    mixed = address ^ _SECRET
    mixed *= _PRIMES[0]
    mixed ^= mixed >> np.uint64(29)
    mixed += wide(port)
    mixed *= _PRIMES[1]
    mixed ^= mixed >> np.uint64(32)
    return mixed


def talk_of(near: Identities, far: Identities, protocol: Numbers) -> Identities:
    """A number for each talk between two ends, the same in both directions."""
    mixed = near + far
    mixed += wide(protocol)
    mixed *= _PRIMES[2]
    mixed ^= mixed >> np.uint64(29)
    mixed *= _PRIMES[0]
    return mixed


def way_of(talk: Identities, turned: npt.NDArray[np.bool_]) -> Identities:
    """A number for each direction of a talk: one of the two is the talk's own, the other one that of what is turned."""
    return talk ^ turned * _PRIMES[1]
