# SPDX-License-Identifier: Apache-2.0
"""DNS messages of frames, read as far as their question (RFC 1035)."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from giamsat_agent.packets.payloads.dns_message import Question, question

TCP: Final = 6
STREAM_PREFIX: Final = 2
"""Bytes before a message over TCP: its length (section 4.2.2)."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """A DNS message of the frame at `place`, with what the columns have there; `content` begins with its own header."""

    question: Question
    content: bytes
    place: int
    at_ns: int
    number: int
    source: int
    destination: int
    source_port: int
    destination_port: int
    protocol: int


def messages(octets: memoryview, rows: Iterable[tuple[int, ...]]) -> Iterator[Message]:
    """Those that have a question which can be read.

    A row is a frame's place, where in the octets its payload begins, how much of that was captured, how long it was,
    and what a message has from `at_ns` on.
    """
    for at, start, held, payload, *row in rows:
        content = octets[start : start + held].tobytes()
        if row[-1] == TCP:
            # A segment holds a message from its beginning, or is of no use.
            whole = int.from_bytes(content[:STREAM_PREFIX]) + STREAM_PREFIX == payload
            content = content[STREAM_PREFIX:] if whole else b""
        if (asked := question(content)) is not None:
            yield Message(asked, content, at, *row)
