# SPDX-License-Identifier: Apache-2.0
"""Questions to name servers and their answers (RFC 1035, 4): bytes in, values out; hostile bytes are refused."""

import ipaddress
import struct
from dataclasses import dataclass
from typing import Final

TYPES: Final = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
CODES: Final = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")
RECORDS: Final = 500
"""Records of one answer that are looked at."""
POINTERS: Final = 64
"""Pointers followed within one name: an honest name needs a few, a loop would need no end."""
_NAMES: Final = frozenset({TYPES["NS"], TYPES["CNAME"], TYPES["PTR"]})
_HEAD: Final = struct.Struct("!6H")
_FIXED: Final = struct.Struct("!HHIH")
_QUESTION: Final = struct.Struct("!HH")
_LABEL_MOST: Final = 63
_POINTER: Final = 0xC0
_NAME_MOST: Final = 255
_RECURSE: Final = 0x0100
_ANSWER: Final = 0x8000
_TRUNCATED: Final = 0x0200
_CODE: Final = 0x000F


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name server said. `values` are the data of the records asked for, as text; `serial` is that of a SOA."""

    code: str
    truncated: bool
    values: tuple[str, ...]
    answers: int
    authority: int
    additional: int
    serial: int | None


def question(name: str, kind: str, number: int) -> bytes:
    """A question with a number of 16 bits; the name is one the configuration allows."""
    return _HEAD.pack(number, _RECURSE, 1, 0, 0, 0) + _encoded(name) + _QUESTION.pack(TYPES[kind], 1)


def understand(data: bytes, asked: bytes) -> Answer | None:
    """An answer to the question `asked`; None when it is one to another question, or none at all."""
    try:
        return _answer(data, asked)
    except (struct.error, IndexError, ValueError):
        return None


def _answer(data: bytes, asked: bytes) -> Answer | None:
    _, flags, questions, answers, authority, additional = _HEAD.unpack_from(data)
    if data[:2] != asked[:2] or not flags & _ANSWER or questions != 1:
        return None
    end = len(asked)
    if data[_HEAD.size : end].lower() != asked[_HEAD.size :].lower():
        return None
    kind = int.from_bytes(asked[-4:-2], "big")
    values: list[str] = []
    serial = None
    at = end
    for _ in range(min(answers, RECORDS)):
        at = _skip(data, at)
        found, _, _, length = _FIXED.unpack_from(data, at)
        at += _FIXED.size
        if at + length > len(data):
            raise ValueError("a record is longer than the message")
        if found == kind:
            values.append(_value(data, at, length, kind))
            if kind == TYPES["SOA"]:
                serial = _serial(data, at)
        at += length
    code = flags & _CODE
    return Answer(
        code=CODES[code] if code < len(CODES) else str(code),
        truncated=bool(flags & _TRUNCATED),
        values=tuple(values),
        answers=answers,
        authority=authority,
        additional=additional,
        serial=serial,
    )


def _encoded(name: str) -> bytes:
    labels = [label.encode("ascii") for label in name.rstrip(".").split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _skip(data: bytes, at: int) -> int:
    """Where a name ends."""
    while length := data[at]:
        if length >= _POINTER:
            return at + 2
        at += 1 + length
    return at + 1


def _name(data: bytes, at: int) -> str:
    labels: list[str] = []
    for _ in range(POINTERS):
        while 0 < data[at] <= _LABEL_MOST:
            labels.append(data[at + 1 : at + 1 + data[at]].decode("latin-1"))
            at += 1 + data[at]
            if len(labels) > _NAME_MOST:
                raise ValueError("a name without an end")
        if not data[at]:
            return ".".join(labels) + "."
        at = int.from_bytes(data[at : at + 2], "big") & 0x3FFF
    raise ValueError("a name without an end")


def _value(data: bytes, at: int, length: int, kind: int) -> str:
    if kind in {TYPES["A"], TYPES["AAAA"]}:
        return str(ipaddress.ip_address(data[at : at + length]))
    if kind in _NAMES:
        return _name(data, at)
    if kind == TYPES["MX"]:
        return f"{int.from_bytes(data[at : at + 2], 'big')} {_name(data, at + 2)}"
    if kind == TYPES["SOA"]:
        return _name(data, at)
    texts, end = [], at + length
    while at < end:
        texts.append(data[at + 1 : at + 1 + data[at]].decode("utf-8", "replace"))
        at += 1 + data[at]
    return "".join(texts)


def _serial(data: bytes, at: int) -> int:
    at = _skip(data, _skip(data, at))
    return int.from_bytes(data[at : at + 4], "big")
