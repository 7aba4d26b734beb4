# SPDX-License-Identifier: Apache-2.0
"""Addresses as 64-bit numbers, so that columns can hold them, and back as text.

An IPv4 address is its own number. An IPv6 address is a hash with its highest bit set, below that whether it is inside
or a group; the hash is keyed with a secret of this process, so nobody can make two addresses meet, and the address
behind it is remembered, up to a bound.
"""

import ipaddress
import secrets
from collections import OrderedDict
from socket import AF_INET, AF_INET6, inet_ntoa, inet_pton
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from giamsat_agent.packets.chunk import true_at

V6, OWN, GROUP = (np.uint64(1 << bit) for bit in (63, 62, 61))
REMEMBERED: Final = 65_536
INSIDE: Final = ((24, 10), (20, 0xAC1), (16, 0xC0A8), (16, 0xA9FE))
"""10/8, 172.16/12, 192.168/16 and 169.254/16: bits to the right, and what is left of them."""
_KIND: Final = np.uint64(3)
"""Bits of a hash that give way to what is known of the address."""
_OWN_V6: Final = V6 | OWN
_HALF: Final = np.uint64(16)
_UPPER: Final = np.uint64(1 << 16)
_INSIDE: Final = np.array(
    [any(upper >> (shift - 16) == prefix for shift, prefix in INSIDE) for upper in range(1 << 16)] + [False]
)
_PRIMES: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)

Identities = npt.NDArray[np.uint64]


def wide(column: npt.NDArray[np.integer[Any]]) -> Identities:
    """A column, however narrow, as numbers to be mixed."""
    return column.view(np.uint64) if column.itemsize == np.uint64().itemsize else column.astype(np.uint64)


class Addresses:
    """Every IPv6 address seen lately, by its number."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, bytes] = OrderedDict()
        self._key = np.uint64(secrets.randbits(64))

    def identify(self, words: Identities) -> Identities:
        """Numbers for IPv6 addresses, given as rows of two 64-bit words in the order of the wire."""
        if not len(words):
            return np.zeros(0, np.uint64)
        mixed = (words[:, 0] ^ self._key) * np.uint64(_PRIMES[0])
        mixed ^= mixed >> np.uint64(32)
        mixed = (mixed + words[:, 1] ^ (self._key >> np.uint64(7))) * np.uint64(_PRIMES[1])
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(_PRIMES[2])
        numbers = (mixed ^ (mixed >> np.uint64(32))) >> _KIND | V6
        first, second = words.view(np.uint8)[:, :2].T
        own = (first & 0xFE == 0xFC) | ((first == 0xFE) & (second & 0xC0 == 0x80))  # noqa: PLR2004 - fc00::/7, fe80::/10
        numbers[own] |= OWN
        numbers[first == 0xFF] |= GROUP  # noqa: PLR2004 - ff00::/8
        for number, place in zip(*np.unique(numbers, return_index=True), strict=True):
            self._remember(int(number), words[place].tobytes())
        return numbers

    def _remember(self, number: int, packed: bytes) -> None:
        self._known[number] = packed
        self._known.move_to_end(number)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def text(self, number: int) -> str:
        """An address as people write it."""
        if number < 1 << 32:
            return inet_ntoa(number.to_bytes(4))
        packed = self._known.get(number)
        return "::" if packed is None else str(ipaddress.IPv6Address(packed))

    def is_group(self, number: int) -> bool:
        """Whether it is a multicast or broadcast address: what is sent there aims at nobody."""
        if number < 1 << 32:
            return number >= 0xE0000000 or number & 0xFF == 0xFF  # noqa: PLR2004 - 224.0.0.0, and a subnet's last
        return bool(number & int(GROUP))

    def groups(self, numbers: Identities) -> npt.NDArray[np.bool_]:
        """Where a column has addresses that `is_group` says yes to."""
        last = numbers & np.uint64(0xFF) == np.uint64(0xFF)
        found: npt.NDArray[np.bool_] = (numbers >= np.uint64(0xE0000000)) | last
        longer = true_at(numbers >= V6)
        if len(longer):
            found[longer] = numbers[longer] & GROUP != 0
        return found

    def is_inside(self, number: int) -> bool:
        """Whether it is an address that organisations number their own hosts with (RFC 1918, RFC 4193, link-local)."""
        if number < 1 << 32:
            return any(number >> shift == prefix for shift, prefix in INSIDE)
        return bool(number & int(OWN))

    def inside(self, numbers: Identities) -> npt.NDArray[np.bool_]:
        """Where a column has addresses that `is_inside` says yes to."""
        # Every prefix fits into an IPv4 address's upper half; what is beyond stands for IPv6.
        upper = np.minimum(numbers >> _HALF, _UPPER)
        found: npt.NDArray[np.bool_] = _INSIDE[upper.view(np.int64)]
        return found | (numbers >= _OWN_V6)

    def is_beyond(self, client: int, server: int) -> bool:
        """Whether a host inside uses a server outside: what is wrong with that is not for this place to mend."""
        return self.is_inside(client) and not self.is_inside(server)

    def is_private(self, number: int) -> bool:
        """Whether it belongs to a network of one's own (RFC 1918, RFC 4193, link-local)."""
        return ipaddress.ip_address(self.text(number)).is_private


def octets(text: str) -> bytes:
    """The 4 or 16 bytes of an address in the form that `Addresses.text` gives it."""
    return inet_pton(AF_INET6 if ":" in text else AF_INET, text)


def is_own(address: bytes) -> bool:
    """Whether an address of 4 or 16 bytes is one that organisations number their own hosts with."""
    if len(address) == 4:  # noqa: PLR2004 - IPv4
        number = int.from_bytes(address)
        return any(number >> shift == prefix for shift, prefix in INSIDE)
    return address[0] & 0xFE == 0xFC or (address[0] == 0xFE and address[1] & 0xC0 == 0x80)  # noqa: PLR2004 - fc00::/7, fe80::/10


def mac_text(number: int) -> str:
    """A 48-bit address as people write it."""
    return ":".join(f"{number >> shift & 0xFF:02x}" for shift in range(40, -1, -8))
