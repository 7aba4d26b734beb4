# SPDX-License-Identifier: Apache-2.0
"""Spans of event time that are judged when they are over, for conditions that further events can make untrue again.

Spans begin at whole multiples of their length. One is over when the newest event of its asset lies `GRACE_NS` behind
its end, so that events which overtake each other are still counted; what comes later than that is counted as missed.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from giamsat_rules.satisfiability import PENDING
from giamsat_rules.window import Entry

GRACE_NS: Final = 60 * 10**9
"""How far events of one asset may overtake each other."""
ASSETS: Final = 20_000
"""Assets with spans: the one unheard of longest goes first."""
OPEN: Final = 1_000
"""Spans of one asset that are not over; what would open another is missed."""

Values: TypeAlias = tuple[str, ...]


@dataclass(slots=True)
class _Asset:
    reached_ns: int = 0
    due_ns: int | None = None
    open: dict[tuple[int, int, Values], list[Entry]] = field(default_factory=dict)


@dataclass(slots=True)
class Spans:
    """The spans of one rule. `missed` counts events whose span was over, or for which there is no room."""

    assets: OrderedDict[str, _Asset] = field(default_factory=OrderedDict)
    missed: int = 0

    def add(self, asset: str, values: Values, entry: Entry, length_ns: int) -> None:
        """Place an entry in its span."""
        known = self.assets.setdefault(asset, _Asset())
        self.assets.move_to_end(asset)
        if len(self.assets) > ASSETS:
            _, gone = self.assets.popitem(last=False)
            self.missed += sum(map(len, gone.open.values()))
        start_ns = entry.at_ns // length_ns * length_ns
        due_ns = start_ns + length_ns + GRACE_NS
        key = (due_ns, start_ns, values)
        if due_ns <= known.reached_ns or (key not in known.open and len(known.open) >= OPEN):
            self.missed += 1
            return
        entries = known.open.setdefault(key, [])
        if len(entries) >= PENDING:
            self.missed += 1
            return
        entries.append(entry)
        known.due_ns = due_ns if known.due_ns is None else min(known.due_ns, due_ns)

    def over(self, asset: str | None, now_ns: int | None) -> Iterator[tuple[Values, Sequence[Entry]]]:
        """Take out the spans that are over at `now_ns`, oldest first: of one asset, or of all; no time: all of them."""
        if asset is not None and asset not in self.assets:
            return
        for known in [self.assets[asset]] if asset is not None else list(self.assets.values()):
            if now_ns is not None:
                known.reached_ns = max(known.reached_ns, now_ns)
            if known.due_ns is None or (now_ns is not None and known.due_ns > known.reached_ns):
                continue
            done = [key for key in known.open if now_ns is None or key[0] <= known.reached_ns]
            for key in sorted(done):
                entries = known.open.pop(key)
                yield key[2], sorted(entries, key=lambda entry: entry.at_ns)
            known.due_ns = min((key[0] for key in known.open), default=None)
