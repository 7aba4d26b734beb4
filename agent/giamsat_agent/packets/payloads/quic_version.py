# SPDX-License-Identifier: Apache-2.0
"""The versions of QUIC that are understood."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Version:
    """What differs between versions: the kind of an Initial packet, its salt, and how its keys are called."""

    kind: int
    salt: bytes
    label: str


VERSIONS: Final = {
    1: Version(0, bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"), "quic"),
    0x6B3343CF: Version(1, bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"), "quicv2"),
}
"""RFC 9001, section 5.2; RFC 9369, section 3."""
