# SPDX-License-Identifier: Apache-2.0
"""Values of BER (X.690) as bytes: what little of it this agent says itself."""

from typing import Final

from giamsat_agent.devices import ber

SHORT: Final = 0x80


def value(tag: int, content: bytes) -> bytes:
    """A value of a kind; at most 64 KiB."""
    size = len(content)
    length = bytes([size]) if size < SHORT else bytes([0x82, size >> 8, size & 0xFF])
    return bytes([tag]) + length + content


def number(amount: int) -> bytes:
    """A whole number that is not below zero."""
    return value(ber.INTEGER, amount.to_bytes(amount.bit_length() // 8 + 1))


def octets(content: bytes) -> bytes:
    """Bytes as they are."""
    return value(ber.OCTETS, content)


def sequence(*values: bytes) -> bytes:
    """Values together."""
    return value(ber.SEQUENCE, b"".join(values))


def identifier(dotted: str) -> bytes:
    """An object identifier, as people write it."""
    first, second, *arcs = map(int, dotted.lstrip(".").split("."))
    content = bytearray()
    for arc in (first * 40 + second, *arcs):
        piece = [arc & 0x7F]
        while arc := arc >> 7:
            piece.insert(0, arc & 0x7F | 0x80)
        content += bytes(piece)
    return value(ber.IDENTIFIER, bytes(content))
