# SPDX-License-Identifier: Apache-2.0
"""Readings of one asset that follow each other and were held against the conditions of a watch already, many at once.

Once one was judged, another that meets the very same conditions brings nothing new until what it meets has held for
long enough: it is passed over by a glance.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from giamsat_rules.readings.metric import GAP_NS, Numbers, Series
from giamsat_rules.readings.state import AssetState, Last
from giamsat_rules.readings.watch import Watch
from giamsat_rules.verdict import Subject

NEVER: Final = -1
ALWAYS: Final = (1 << 63) - 1


class Held(Protocol):
    """All of them are of one subject and judged by one watch, each at its time in `at_ns`.

    `met` says which conditions each of them meets, for growth since the one before it: the same bytes mean the same
    conditions, and no number that is none meets any. The growth of the first is since a reading at `before_ns`.
    """

    @property
    def subject(self) -> Subject: ...  # noqa: D102 - said above
    @property
    def watch(self) -> Watch: ...  # noqa: D102
    @property
    def at_ns(self) -> Sequence[int]: ...  # noqa: D102
    @property
    def met(self) -> Sequence[bytes]: ...  # noqa: D102
    @property
    def before_ns(self) -> int: ...  # noqa: D102

    def numbers(self, at: int) -> Numbers:
        """The values of one, always the same object; those of -1 are of the reading before the first."""
        ...


def last_of(held: Held, at: int, before: Last | None) -> Last:
    """One of the readings as the last of its asset; `before` is the one that was so far.

    What it meets counts if its growth was reckoned since that one.
    """
    now_ns, watch = held.at_ns[at], held.watch
    last = Last(now_ns, Series(held.numbers(at), watch.layout), watch)
    if before is not None and _follows(held, at, before) and before.earlier(now_ns) is not None:
        last.met = held.met[at]
    return last


def settle(state: AssetState) -> None:
    """The last reading was judged: up to when another that meets the same changes nothing."""
    last = state.last
    if last is not None and last.met is not None:
        last.until_ns = min(_ends(state, last), default=ALWAYS)


def passed_over(state: AssetState, held: Held, first: int, until: int) -> int:
    """Pass over readings from `first` on, but not `until`, that change nothing; the first that may change something."""
    last = state.last
    if last is None or last.met is None or not _follows(held, first, last):
        return first
    met, until_ns, before_ns, at = last.met, last.until_ns, last.at_ns, first
    while at < until:
        now_ns = held.at_ns[at]
        if held.met[at] != met or now_ns >= until_ns or not 0 <= now_ns - before_ns <= GAP_NS:
            break
        before_ns, at = now_ns, at + 1
    if at > first:
        series = Series(held.numbers(at - 1), held.watch.layout)
        state.last = Last(before_ns, series, held.watch, met, until_ns)
        for name, holding in state.holding.items():
            if name in held.watch.numbers:
                holding.last_ns = before_ns
    return at


def _follows(held: Held, at: int, last: Last) -> bool:
    """Whether the last reading of an asset is the one before another."""
    if last.watch is not held.watch or last.series.given is not held.numbers(at - 1):
        return False
    return last.at_ns == (held.at_ns[at - 1] if at else held.before_ns)


def _ends(state: AssetState, last: Last) -> Iterator[int]:
    """The times from which on something changes although the same conditions are met."""
    watch = last.watch
    if watch.always:
        yield NEVER
    for name in state.standing:
        if name not in watch.numbers:
            continue
        holding = state.holding.get(name)
        if holding is None or holding.kept or holding.habits or name in state.hidden:
            yield NEVER
            continue
        hold_ns = math.ceil(watch.profile.value(watch.rules[watch.numbers[name]].hold) * 10**9)
        yield from (since + hold_ns for since in holding.since.values() if last.at_ns < since + hold_ns)
