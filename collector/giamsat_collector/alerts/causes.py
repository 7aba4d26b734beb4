# SPDX-License-Identifier: Apache-2.0
"""Which alert stands for which: what is silent only because something before it fell. Decides only.

A consequence waits apart from the queue as long as the alert that names its cause stands there. When that one is over
and the consequence is not, it comes into the queue itself after a while.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from giamsat_collector.alerts.alert import Relation

GRACE_NS: Final = 120_000_000_000
"""How long a host may take to come back after what stood before it, when its cause had no time of its own."""


@dataclass(frozen=True, slots=True)
class Open:
    """An open alert about silence. `free`: nobody took it up and it waits for nothing else, so it may be put apart."""

    id: str
    asset: str
    cause: str | None
    surfaces_ns: int | None
    free: bool


@dataclass(frozen=True, slots=True)
class Placing:
    """Where an alert stands from now on: behind its cause until `surfaces_ns`, None as long as that stands.

    Without a cause it stands in the queue. `relation` is to the cause, or to the one that it stood behind.
    """

    alert: str
    cause: str | None
    surfaces_ns: int | None = None
    relation: Relation = Relation.CONSEQUENCE


def placings(
    every: Iterable[Open], standing: Mapping[str, str], grace_ns: Mapping[str, int], now_ns: int
) -> Iterator[Placing]:
    """What changes. `standing` are assets, and the open alert in the queue that stands for each.

    `grace_ns` says of alerts that stood for others how long those may take to come back.
    """
    for one in every:
        cause = standing.get(one.asset)
        if one.cause is None:
            if cause is not None and cause != one.id and one.free:
                yield Placing(one.id, cause)
        elif cause is not None:
            if (cause, None) != (one.cause, one.surfaces_ns):
                yield Placing(one.id, cause)
        elif one.surfaces_ns is None:
            yield Placing(one.id, one.cause, now_ns + grace_ns.get(one.cause, GRACE_NS))
        elif one.surfaces_ns <= now_ns:
            yield Placing(one.id, None)
