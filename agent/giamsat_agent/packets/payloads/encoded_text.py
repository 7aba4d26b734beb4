# SPDX-License-Identifier: Apache-2.0
"""Text that is written in the letters and digits of names, and data that names are answered with (ATT&CK T1048)."""

import base64
import re
from typing import Final

from giamsat_agent.packets.payloads.randomness import is_noise

READ: Final = 10
"""Bytes of text: what is noise reads so once in ten thousand times, and has to do so several times."""
_HEX: Final = re.compile(r"(?:[0-9a-f]{2}){10,}")
_BASE32: Final = re.compile(r"[a-z2-7]{16,}")
_PLAIN: Final = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D}
_LATER: Final = bytes(range(0x80, 0xC0))
"""The bytes of a letter but its first."""
_WORDS: Final = re.compile(rb"[^0-9A-Za-z+=]+")
"""Between runs of letters and digits; a slash too, which parts the words of an address, and data only rarely."""
_RUN: Final = 24


def reads(below: str) -> bool:
    """Whether a label of a name is text in hexadecimal digits or Base32 (RFC 4648)."""
    return any(_is_text(data) for label in below.split(".") for data in _decoded(label))


def _decoded(label: str) -> list[bytes]:
    found = []
    if _HEX.fullmatch(label):
        found.append(bytes.fromhex(label))
    if _BASE32.fullmatch(label):
        whole = label[: len(label) - len(label) % 8].upper()
        found.append(base64.b32decode(whole))
    return found


def _is_text(data: bytes) -> bool:
    """Whether data is text in UTF-8, Vietnamese too, whose first and last letters may have been cut through."""
    if len(data) < READ or sum(byte in _PLAIN for byte in data) * 2 < len(data):
        return False
    whole = data[:2].lstrip(_LATER) + data[2:]
    for cut in range(3):
        try:
            text = whole[: len(whole) - cut].decode()
        except UnicodeDecodeError:
            continue
        return all(letter.isprintable() or letter in "\t\r\n" for letter in text)
    return False


def holds_data(told: bytes) -> bool:
    """Whether what a record tells is data: no text, or a run of letters and digits that is noise."""
    if len(told) < _RUN:
        return False
    if any(byte not in _PLAIN for byte in told[1:]):
        return True
    return any(len(run) >= _RUN and is_noise(run.decode().lower()) for run in _WORDS.split(told[1:]))
