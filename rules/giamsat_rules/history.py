# SPDX-License-Identifier: Apache-2.0
"""What has been seen before: the memory behind "new for this host" and "new for this unit"."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from giamsat_rules.level import Profile
from giamsat_rules.pattern import as_text
from giamsat_rules.rule import History, Owner
from giamsat_rules.taxonomy import getter
from giamsat_rules.verdict import Occurrence

VALUES: Final = 200_000
"""Values one rule remembers over all owners: the one unseen longest goes first, and is counted."""
OWNERS: Final = 20_000
"""Assets or units one rule knows."""

Seen: TypeAlias = tuple[str, tuple[str, ...]]


@dataclass(slots=True)
class Memory:
    """What one rule has seen, and since when it knows each owner."""

    history: History
    seen: OrderedDict[Seen, int] = field(default_factory=OrderedDict)
    since: OrderedDict[str, int] = field(default_factory=OrderedDict)
    evicted: int = 0

    def is_new(self, occurrence: Occurrence, profile: Profile) -> bool:
        """Whether the event brings values its owner has not had within the span; it is remembered either way."""
        values: list[str] = []
        for name in self.history.fields:
            value = getter(name)(occurrence.fields)
            if value is None:
                return False
            values.append(",".join(value) if isinstance(value, tuple) else as_text(value))
        subject, at_ns = occurrence.subject, occurrence.at_ns
        owner = subject.unit if self.history.per is Owner.UNIT and subject.unit is not None else subject.asset
        key = (owner, tuple(values))
        since_ns = self.since.setdefault(owner, at_ns)
        last_ns = self.seen.get(key)
        self.seen[key] = at_ns if last_ns is None else max(last_ns, at_ns)
        self.seen.move_to_end(key)
        self._bound()
        if at_ns - since_ns < profile.value(self.history.learn) * 10**9:
            return False
        return last_ns is None or at_ns - last_ns > profile.value(self.history.within) * 10**9

    def _bound(self) -> None:
        if len(self.seen) > VALUES:
            self.seen.popitem(last=False)
            self.evicted += 1
        if len(self.since) > OWNERS:
            self.since.popitem(last=False)
