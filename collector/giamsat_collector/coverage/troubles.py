# SPDX-License-Identifier: Apache-2.0
"""The sources of all hosts that something is to be done about: what stopped, loses, is throttled or waits. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from giamsat_collector.coverage.books import Books
from giamsat_collector.coverage.sources import STEPS, Condition, Source
from giamsat_collector.registry.record import Placement

_WORST: Final = list(Condition)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A source of a host, how it is and in which condition that is."""

    place: Placement
    name: str
    source: Source
    condition: Condition


def troubles(places: Iterable[Placement], books: Books, now_ns: int) -> tuple[Trouble, ...]:
    """Every source of these hosts that has a next step, the worst first."""
    found = [
        Trouble(place, name, source, condition)
        for place in places
        for name, source in books.of(place.asset).items()
        if (condition := source.condition(now_ns)) in STEPS
    ]
    return tuple(sorted(found, key=lambda one: (_WORST.index(one.condition), one.place.asset, one.name)))
