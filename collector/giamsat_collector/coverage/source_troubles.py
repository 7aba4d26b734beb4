# SPDX-License-Identifier: Apache-2.0
"""The sources of all hosts, and those that something is to be done about: what stopped, loses, is throttled or waits.

Those of thousands of hosts take longer than an event loop may be held.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Final

from giamsat_collector.coverage.source_minutes import Books
from giamsat_collector.coverage.sources import STEPS, Condition, Source
from giamsat_collector.registry.record import Placement

TOGETHER: Final = 100
"""Hosts that are looked at before others may do their work: some milliseconds."""
_WORST: Final = list(Condition)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A source of a host, how it is and in which condition that is."""

    place: Placement
    name: str
    source: Source
    condition: Condition


async def sources(assets: Iterable[str], books: Books) -> AsyncIterator[tuple[str, str, Source]]:
    """Every source of these hosts, with the host and its own name; what arrives meanwhile is not kept waiting."""
    for number, asset in enumerate(assets, 1):
        for name, source in books.of(asset).items():
            yield asset, name, source
        if number % TOGETHER == 0:
            await asyncio.sleep(0)


async def troubles(places: Iterable[Placement], books: Books, now_ns: int) -> tuple[Trouble, ...]:
    """Every source of these hosts that has a next step, the worst first."""
    of = {place.asset: place for place in places}
    found = [
        Trouble(of[asset], name, source, condition)
        async for asset, name, source in sources(of, books)
        if (condition := source.condition(now_ns)) in STEPS
    ]
    return tuple(sorted(found, key=lambda one: (_WORST.index(one.condition), one.place.asset, one.name)))
