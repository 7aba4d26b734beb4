# SPDX-License-Identifier: Apache-2.0
"""DNS messages (RFC 1035): the question and the answer's code. Compression that leads back or forward is refused."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import msgspec

HEADER: Final = 12
NUMBER: Final = 2
"""Bytes of a message's number, with which it begins."""
NAME_BYTES: Final = 255
QUESTION: Final = NAME_BYTES + 5
"""Bytes of the longest question: the zero behind its name, its kind and its class are in it."""
KEPT: Final = 4_096
"""Questions and answers that are remembered for having been read."""
LABELS: Final = 127
TOP_LEVEL: Final = 24
"""The longest top-level domain there is, but for those in Punycode."""
NXDOMAIN: Final = 3
RECORDS: Final = 32
"""Records of an answer that are looked at."""
PLAIN: Final = frozenset({1, 28, 64, 65})
"""A, AAAA, SVCB and HTTPS: what all programs ask for."""
BACKWARDS: Final = "arpa"
"""Names made of addresses are long and different by themselves (RFC 1035, section 3.5; RFC 3596)."""
ADDRESSES: Final = frozenset({1, 28})
"""A and AAAA (RFC 3596)."""
SECOND_LEVEL: Final = frozenset(
    {"ac", "co", "com", "edu", "gov", "net", "org", "mil", "info", "biz", "name", "pro", "health"}
)
"""Labels under a country's own domain below which names are given out: gov.vn, co.uk."""


class Question(msgspec.Struct, frozen=True, gc=False):
    """What a message asks, or answers."""

    name: str
    kind: int
    is_answer: bool
    code: int

    @property
    def domain(self) -> str:
        """The part of the name that somebody registered; empty when it ends in what can be no top-level domain."""
        return _registered(self.name)

    @property
    def below(self) -> str:
        """What stands before that part."""
        domain = self.domain
        return self.name[: len(self.name) - len(domain)].rstrip(".")


def question(message: bytes) -> Question | None:
    """The first question of a message; None when it has none that can be read."""
    # A zero ends a name, and hardly any has one within.
    asked = _asked(message[NUMBER : message.find(0, HEADER, HEADER + NAME_BYTES) + 5])
    return asked or _asked(message[NUMBER : HEADER + QUESTION])


@lru_cache(maxsize=KEPT)
def _asked(begin: bytes) -> Question | None:
    """A message's question, given as what is behind its number and need not end with it; the same come again."""
    flags, question = begin[:2], begin[HEADER - NUMBER :]
    labels: list[bytes] = []
    here, end = 0, len(question)
    if begin[2:4] == b"\0\0":
        return None
    while here < end and len(labels) <= LABELS:
        size = question[here]
        if size == 0:
            break
        after = here + 1 + size
        # A question stands first: there is nothing before it that it could point to.
        if size > 63 or after > min(NAME_BYTES, end):  # noqa: PLR2004 - RFC 1035 §2.3.4
            return None
        labels.append(question[here + 1 : after])
        here = after
    if here + 5 > end or not labels:
        return None
    name, kind = b".".join(labels).decode("latin-1").lower(), question[here + 1] << 8 | question[here + 2]
    return Question(name, kind, is_answer=bool(flags[0] & 0x80), code=flags[1] & 15)


@lru_cache(maxsize=KEPT)
def _registered(name: str) -> str:
    labels = name.split(".")
    top = labels[-1]
    if not top.startswith("xn--") and (not top.isalpha() or len(top) > TOP_LEVEL):
        return ""
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SECOND_LEVEL else 2  # noqa: PLR2004 - levels
    return ".".join(labels[-keep:])


def borne(message: bytes) -> Iterator[tuple[str, bytes]]:
    """Each name an answer gives an address, in small letters, with the address; as far as it can be read."""
    return ((_name(message, start), address) for start, address in _given(message))


def told(message: bytes, kind: int) -> bytes:
    """What the first record of an answer says that was asked for by its kind; empty when it says nothing."""
    here = HEADER
    for _ in range(min(int.from_bytes(message[4:6]), RECORDS)):
        here = _after_name(message, here) + 4
    here = _after_name(message, here)
    if message[6:8] == b"\0\0" or int.from_bytes(message[here : here + 2]) != kind:
        return b""
    return message[here + 10 : here + 10 + int.from_bytes(message[here + 8 : here + 10])]


def given(message: bytes) -> frozenset[bytes]:
    """The addresses of an answer, whatever names they are given to."""
    return frozenset(address for _, address in _given(message))


def _given(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Each address of an answer, and where the name begins that it is given to."""
    if message[6:8] == b"\0\0":
        return
    here = HEADER
    for _ in range(min(int.from_bytes(message[4:6]), RECORDS)):
        here = _after_name(message, here) + 4
    for _ in range(min(int.from_bytes(message[6:8]), RECORDS)):
        start, here = here, _after_name(message, here)
        kind, size = int.from_bytes(message[here : here + 2]), int.from_bytes(message[here + 8 : here + 10])
        here += 10 + size
        if here > len(message):
            return
        if kind in ADDRESSES:
            yield start, message[here - size : here]


def _name(message: bytes, here: int) -> str:
    """The name that begins here; a pointer may only lead back, so it comes to an end."""
    labels: list[str] = []
    earliest = here
    while here < len(message) and message[here] and len(labels) <= LABELS:
        size = message[here]
        if size >= 0xC0:  # noqa: PLR2004 - RFC 1035 §4.1.4
            here = int.from_bytes(message[here : here + 2]) & 0x3FFF
            if here >= earliest:
                break
            earliest = here
            continue
        labels.append(message[here + 1 : here + 1 + size].decode("latin-1").lower())
        here += 1 + size
    return ".".join(labels)


def _after_name(message: bytes, here: int) -> int:
    """Where a name ends that begins here, be it compressed; past the message when it does not end."""
    while here < len(message):
        size = message[here]
        if size >= 0xC0:  # noqa: PLR2004 - a pointer, RFC 1035 §4.1.4
            return here + 2
        here += size + 1
        if size == 0:
            break
    return here
