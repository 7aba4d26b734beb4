# SPDX-License-Identifier: Apache-2.0
"""One element after the other of what is written in DER (ITU-T X.690)."""

from typing import Final

_LONG: Final = 0x80


def element(data: bytes, at: int) -> tuple[int, bytes, int]:
    """The kind and content of the element that begins here, and where the next one begins.

    Raises:
        ValueError: it is not all there.
    """
    if at + 2 > len(data):
        raise ValueError
    kind, size, at = data[at], data[at + 1], at + 2
    if size & _LONG:
        digits = size & ~_LONG
        size = int.from_bytes(data[at : at + digits])
        at += digits
    if at + size > len(data):
        raise ValueError
    return kind, data[at : at + size], at + size
