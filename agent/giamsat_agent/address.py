# SPDX-License-Identifier: Apache-2.0
"""Internet addresses in the one form in which they can be compared."""

import ipaddress
from functools import lru_cache
from typing import Final

ADDRESSES_KEPT: Final = 4_096
"""Texts whose plain form is remembered: a guesser's address stands in thousands of lines."""
_LONGEST: Final = 64


@lru_cache(maxsize=ADDRESSES_KEPT)
def plain(text: str) -> str | None:
    """An address without scope, an IPv4-mapped one as IPv4, an IPv6 one in its short form; None: no address."""
    if len(text) > _LONGEST:
        return None
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def split(text: str, port: int) -> tuple[str, int]:
    """HOST or HOST:PORT, taken apart; without a port it is `port`. An IPv6 address with a port stands in brackets."""
    if plain(text) is not None:
        return text, port
    host, mark, number = text.rpartition(":")
    if mark and number.isdecimal() and 0 < int(number) < 1 << 16:
        return host.removeprefix("[").removesuffix("]"), int(number)
    return text.removeprefix("[").removesuffix("]"), port
