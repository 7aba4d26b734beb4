# SPDX-License-Identifier: Apache-2.0
"""The values a body gives to a program: the fields of a form, the texts of JSON and of XML, as they come in segments.

An attack is what a value is; a document contains much, also what looks like one. So a long value is told from others.
"""

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

LONGEST: Final = 1_536
"""Bytes of a value as it is sent: 512 characters, each encoded by three."""
TAIL: Final = 96
"""Bytes before a cut that may belong to a sign which stands behind it."""
_QUOTE, _QUOTED = b'\\"', b"\x02"
_TAGS: Final = re.compile(rb"[<>]")


class Body(Enum):
    """What a request carries."""

    FORM = "form"
    JSON = "json"
    XML = "xml"
    PARTS = "parts"
    OTHER = "other"


LINES: Final = frozenset({b"application/x-ndjson", b"application/ndjson", b"application/jsonl"})
"""Records of a log, one a line."""


def body_of(kind: bytes) -> Body:
    """What a media type stands for."""
    if kind in LINES:
        return Body.OTHER
    if kind.startswith(b"multipart/"):
        return Body.PARTS
    if kind.endswith(b"json"):
        return Body.JSON
    if kind.endswith(b"xml"):
        return Body.XML
    return Body.FORM if kind in {b"application/x-www-form-urlencoded", b"text/plain"} else Body.OTHER


@dataclass(slots=True)
class Values:
    """The values of one body; `rest` is the one that may go on, `is_long` whether it is too long already.

    `long` are the long ones of the last segment, as far as they came with it.
    """

    rest: bytes = b""
    is_long: bool = False
    long: list[bytes] = field(default_factory=list)

    def take(self, body: Body, content: bytes) -> list[bytes]:
        """The values in the next segment, whole or as far as they came, but for the long ones."""
        parts = _split(body, self.rest + content)
        # What goes on from a long value is part of it.
        gone_on = parts[:1] if self.is_long else []
        found = parts[len(gone_on) :]
        long = gone_on + [part for part in found if len(part) > LONGEST]
        self.long = [part.replace(_QUOTED, b'"') for part in long]
        self.is_long = len(parts[-1]) > LONGEST or (self.is_long and len(parts) == 1)
        self.rest = parts[-1][-TAIL:] if self.is_long else parts[-1]
        return [_value(body, part) for part in found if part and len(part) <= LONGEST]


def _split(body: Body, text: bytes) -> list[bytes]:
    if body is Body.XML:
        return _TAGS.split(text)
    return text.replace(_QUOTE, _QUOTED).split(b'"') if body is Body.JSON else text.split(b"&")


def _value(body: Body, part: bytes) -> bytes:
    if body is Body.FORM:
        name, has_value, value = part.partition(b"=")
        return value if has_value else name
    return part.replace(_QUOTED, b'"')
