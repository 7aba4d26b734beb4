# SPDX-License-Identifier: Apache-2.0
"""Lists made for looking up: what arrives is asked about many times a second, and almost never is in a list.

Of each entry a hash of 64 bits is kept, seeded anew by each process, so that nobody can aim at one; a table of one byte
for each of many more slots than entries says most often that a value is in no list. Values that were asked about are
remembered, so many at once.
"""

import ipaddress
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from sys import getsizeof
from typing import Final

import numpy as np

from giamsat_collector.indicators.indicator import Indicator, Kind, address, domain, url
from giamsat_wire.clock import SECOND_NS

REMEMBERED: Final = 4 << 20
"""Bytes that values of one reading may take whose answers are remembered; then all are forgotten."""
_SLOT: Final = 100
"""Bytes that a value takes in a dictionary beside its text."""
BRIEF: Final = 253
"""Longer values are not remembered."""
SLOTS_PER_ENTRY: Final = 8
_BITS: Final = {4: 32, 6: 128}
Key = tuple[Kind, str] | bytes
"""A value, or the bytes of a network: hashes of numbers are not seeded."""
Place = tuple[str, int]
"""A listed value, and the row of its entry."""


class Reading(IntEnum):
    """How a field is read when it is compared; its number is the place of what is remembered of such fields."""

    ADDRESS = 0
    NAME = 1
    URL = 2
    SENDER = 3
    FILE = 4
    JA4 = 5


@dataclass(frozen=True, slots=True)
class About:
    """A list: its name, who makes it, and when it was brought (UNIX seconds)."""

    name: str
    source: str
    brought: int


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that a value met, and its list; `others` are further lists that hold it."""

    indicator: Indicator
    about: About
    others: tuple[str, ...] = ()


class Lookup:
    """Every entry of some lists. Never changed: other lists are another one."""

    def __init__(self, lists: Iterable[tuple[About, Iterable[Indicator]]] = ()) -> None:
        self.about: list[About] = []
        self._texts: list[str] = []
        self._columns = {name: array(kind) for name, kind in _COLUMNS.items()}
        self._kinds = bytearray()
        hashes = array("q")
        bits: dict[int, set[int]] = {4: set(), 6: set()}
        numbers: dict[str, int] = {}
        for number, (about, entries) in enumerate(lists):
            self.about.append(about)
            for entry in entries:
                key = _key(entry)
                if isinstance(key, bytes):
                    bits[key[0]].add(key[1])
                hashes.append(hash(key))
                self._kinds.append(_KINDS.index(entry.kind))
                texts = (numbers.setdefault(text, len(numbers)) for text in (entry.source, entry.comment))
                row = (number, entry.since, min(entry.until, _LATEST), entry.confidence, *texts)
                for column, value in zip(self._columns.values(), row, strict=True):
                    column.append(value)
        self._texts = list(numbers)
        self._bits = {version: sorted(found, reverse=True) for version, found in bits.items()}
        self._settle(hashes)
        self._memories: list[dict[str, tuple[Place, ...]]] = [{} for _ in Reading]
        self._weights = [0] * len(Reading)

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self._hashes)

    def find(self, reading: Reading, text: str, at_ns: int) -> Match | None:
        """The entry that a value met at a time (UNIX nanoseconds): the one trusted most, of those the most exact."""
        memory = self._memories[reading]
        places = memory.get(text)
        if places is None:
            places = tuple(self._places(_ASKED[reading](text, self._bits)))
            if len(text) <= BRIEF:
                weight = _SLOT + getsizeof(text) + sum(_SLOT + getsizeof(value) for value, _ in places)
                if self._weights[reading] + weight > REMEMBERED:
                    memory.clear()
                    self._weights[reading] = 0
                memory[text] = places
                self._weights[reading] += weight
        return self._best(places, at_ns // SECOND_NS) if places else None

    def standing(self, at_s: int) -> Mapping[str, int]:
        """How many entries of each list count at a time."""
        lists, until = (
            np.frombuffer(self._columns[name], f"u{self._columns[name].itemsize}") for name in ("list", "until")
        )
        counts = np.bincount(lists[until > at_s], minlength=len(self.about)).tolist()
        return {about.name: counts[number] for number, about in enumerate(self.about)}

    def _best(self, places: Sequence[Place], at_s: int) -> Match | None:
        until, trust = self._columns["until"], self._columns["confidence"]
        standing = [place for place in places if until[place[1]] > at_s]
        if not standing:
            return None
        best = max(standing, key=lambda place: trust[place[1]])  # the first of equals: the most exact
        entry, about = self._entry(*best)
        lists = dict.fromkeys(self._columns["list"][row] for _, row in standing)
        others = (self.about[number].name for number in lists)
        return Match(entry, about, tuple(name for name in others if name != about.name))

    def _entry(self, value: str, row: int) -> tuple[Indicator, About]:
        number, since, until, trust, source, comment = (column[row] for column in self._columns.values())
        about, kind = self.about[number], _KINDS[self._kinds[row]]
        texts = self._texts[source] or about.source, self._texts[comment]
        return Indicator(kind, value, since, until, trust, *texts), about

    def _places(self, keys: Iterable[tuple[Key, Callable[[], str]]]) -> Iterator[Place]:
        hashes, maybe, last = self._hashes, self._maybe, len(self._maybe) - 1
        for key, value in keys:
            wanted = hash(key)
            if not maybe[wanted & last]:
                continue
            at = bisect_left(hashes, wanted)
            while at < len(hashes) and hashes[at] == wanted:
                yield value(), self._rows[at]
                at += 1

    def _settle(self, hashes: "array[int]") -> None:
        """Sort the hashes, each with its row, and mark their slots."""
        plain = np.frombuffer(hashes, np.int64) if hashes else np.zeros(0, np.int64)
        order = np.argsort(plain, kind="stable")
        slots = 1 << max(1, (len(plain) * SLOTS_PER_ENTRY - 1).bit_length())
        marks = np.zeros(slots, np.uint8)
        marks[plain & (slots - 1)] = 1
        self._hashes, self._rows = array("q", plain[order].tobytes()), array("I", order.astype(np.uint32).tobytes())
        self._maybe = marks.tobytes()


_KINDS: Final = tuple(Kind)
_COLUMNS: Final = {"list": "H", "since": "I", "until": "I", "confidence": "B", "source": "I", "comment": "I"}
_LATEST: Final = (1 << 32) - 1
"""The latest time of a column: in the year 2106."""


def _key(entry: Indicator) -> Key:
    if entry.kind is not Kind.ADDRESS:
        return entry.kind, entry.value
    network = ipaddress.ip_network(entry.value)
    width = network.max_prefixlen - network.prefixlen
    return _network(network.version, network.prefixlen, int(network.network_address) >> width)


def _network(version: int, bits: int, number: int) -> bytes:
    return (version << 136 | bits << 128 | number).to_bytes(18, "big")


_Asked = Iterator[tuple[Key, Callable[[], str]]]
_Prefixes = Mapping[int, Sequence[int]]


def _address(text: str, prefixes: _Prefixes) -> _Asked:
    """An address and the networks it is in, the narrowest first."""
    found = address(text)
    if found is None:
        return
    width, number = _BITS[found.version], int(found)
    for bits in prefixes[found.version]:
        key = _network(found.version, bits, number >> (width - bits))
        yield key, lambda bits=bits: _written(found, bits)  # type: ignore[misc]


def _written(found: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int) -> str:
    return str(found) if bits == _BITS[found.version] else str(ipaddress.ip_network(f"{found}/{bits}", strict=False))


def _name(text: str, prefixes: _Prefixes) -> _Asked:
    """A name and the domains it is in; or the address that stands where a name could."""
    name = domain(text[: BRIEF + 1])
    if name[-1:].isdecimal() or ":" in name:
        yield from _address(name.strip("[]"), prefixes)
        return
    while "." in name:
        yield (Kind.DOMAIN, name), lambda name=name: name  # type: ignore[misc]
        name = name.partition(".")[2]


def _url(text: str, prefixes: _Prefixes) -> _Asked:
    """A URL with its scheme, then its host; a path alone says nothing of who was asked."""
    if "://" in text:
        whole, host = url(text)
        yield (Kind.URL, whole), lambda: whole
        yield from _name(host, prefixes)


def _sender(text: str, prefixes: _Prefixes) -> _Asked:
    local, at, host = text.lower().strip("<> ").rpartition("@")
    said = f"{local}{at}{domain(host[: BRIEF + 1])}"
    yield (Kind.MAIL, said), lambda: said
    yield from _name(host, prefixes)


def _exactly(kind: Kind) -> Callable[[str, _Prefixes], _Asked]:
    def asked(text: str, _: _Prefixes) -> _Asked:
        said = text.lower()
        yield (kind, said), lambda: said

    return asked


_ASKED: Final[Mapping[Reading, Callable[[str, _Prefixes], _Asked]]] = {
    Reading.ADDRESS: _address,
    Reading.NAME: _name,
    Reading.URL: _url,
    Reading.SENDER: _sender,
    Reading.FILE: _exactly(Kind.FILE),
    Reading.JA4: _exactly(Kind.JA4),
}
