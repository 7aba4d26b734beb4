# SPDX-License-Identifier: Apache-2.0
"""Which addresses belong behind which port of a switch, and which came new. Pure.

For LEARNED_NS a switch is only looked at. A port that ever had more than ADDRESSES_OF_A_PORT at a time leads to another
switch or a radio cell, and is not judged; nor are those that are named as such.
"""

import json
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Final

LEARNED_NS: Final = 3_600 * 10**9
ADDRESSES_OF_A_PORT: Final = 4
"""A telephone, a computer behind it, and what a desk may have besides."""
KNOWN: Final = 8_192
"""Addresses of one switch that are remembered; the one that was not seen longest gives way.

As many trunks, of which one that is not crowded now gives way.
"""
PORTS: Final = 4
"""Ports of one address that are remembered: who goes to and fro between two desks is told once for each."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An address on a port where it never was. `before` is where it was seen last; empty for one nobody knew."""

    mac: str
    port: str
    before: str


@dataclass(slots=True)
class Ports:
    """What is known of one switch. `trunks` are ports that are not judged."""

    named: frozenset[str] = frozenset()
    trunks: set[str] = field(default_factory=set)
    known: OrderedDict[str, tuple[str, ...]] = field(default_factory=OrderedDict)
    _began_ns: int | None = None
    _learned: bool = False

    def seen(self, found: Mapping[str, str], *, mono_ns: int) -> list[Arrival]:
        """Addresses that came new, once the switch is known; all of them are known from then on."""
        if self._began_ns is None:
            self._began_ns = mono_ns
        learned, self._learned = self._learned, self._learned or mono_ns - self._began_ns >= LEARNED_NS
        crowded = {port for port, count in Counter(found.values()).items() if count > ADDRESSES_OF_A_PORT}
        self.trunks |= crowded
        if len(self.trunks) > KNOWN:
            self.trunks = set(islice(chain(crowded, self.trunks - crowded), KNOWN))
        return [one for one in self._arrivals(found) if learned]

    def _arrivals(self, found: Mapping[str, str]) -> Iterator[Arrival]:
        for mac, port in found.items():
            ports = self.known.get(mac, ())
            if port not in ports:
                if port not in self.trunks and port not in self.named:
                    yield Arrival(mac, port, ports[-1] if ports else "")
                self.known[mac] = (*ports, port)[-PORTS:]
            self.known.move_to_end(mac)
        while len(self.known) > KNOWN:
            self.known.popitem(last=False)

    def as_json(self) -> dict[str, Any]:
        """What outlives this process."""
        return {"known": dict(self.known), "trunks": sorted(self.trunks), "learned": self._learned}


def restored(said: object, named: Iterable[str]) -> Ports:
    """What was kept of a switch; nothing when it is not what is kept."""
    ports = Ports(frozenset(named))
    if not isinstance(said, dict):
        return ports
    known, trunks = said.get("known"), said.get("trunks")
    if isinstance(known, dict) and isinstance(trunks, list):
        pairs = ((mac, tuple(map(str, where))[-PORTS:]) for mac, where in known.items() if isinstance(where, list))
        ports.known.update(list(pairs)[:KNOWN])
        ports.trunks.update(map(str, trunks[:KNOWN]))
        ports._learned = said.get("learned") is True  # noqa: SLF001 - its own
    return ports


def written(every: Mapping[str, Ports]) -> bytes:
    """All switches as a file."""
    return json.dumps({name: ports.as_json() for name, ports in every.items()}).encode()


def parse(data: bytes) -> Mapping[str, object]:
    """What a file says by switch; empty when it is none."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
