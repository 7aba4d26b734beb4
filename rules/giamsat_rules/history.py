# SPDX-License-Identifier: Apache-2.0
"""What has been seen before: the memory behind "new for this host" and "new for this unit"."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from giamsat_rules.level import Profile
from giamsat_rules.pattern import as_text
from giamsat_rules.rule import History, Owner
from giamsat_rules.taxonomy import getter
from giamsat_rules.verdict import Occurrence, Subject

VALUES: Final = 200_000
"""Values one rule remembers over all owners: the one unseen longest goes first, and is counted."""
CHARACTERS: Final = 64
"""A longer value is remembered by its hash."""
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
        said: list[str] = []
        for name in self.history.fields:
            value = getter(name)(occurrence.fields)
            if value is None:
                return False
            said.append(",".join(value) if isinstance(value, tuple) else as_text(value))
        at_ns, owner, values = occurrence.at_ns, self._owner(occurrence.subject), _brief(said)
        last_ns = self.seen.get((owner, values))
        since_ns = self._note(owner, values, at_ns, at_ns)
        if at_ns - since_ns < profile.value(self.history.learn) * 10**9:
            return False
        return last_ns is None or at_ns - last_ns > profile.value(self.history.within) * 10**9

    def recall(self, subject: Subject, values: tuple[str, ...], first_ns: int, last_ns: int) -> None:
        """Values an owner is known to have had, from a record that outlives this memory."""
        self._note(self._owner(subject), _brief(values), first_ns, last_ns)

    def _owner(self, subject: Subject) -> str:
        return subject.unit if self.history.per is Owner.UNIT and subject.unit is not None else subject.asset

    def _note(self, owner: str, values: tuple[str, ...], first_ns: int, last_ns: int) -> int:
        """Remember values; since when the owner is known."""
        key = (owner, values)
        self.seen[key] = max(self.seen.get(key, last_ns), last_ns)
        self.seen.move_to_end(key)
        since_ns = self.since[owner] = min(self.since.get(owner, first_ns), first_ns)
        self._bound()
        return since_ns

    def _bound(self) -> None:
        if len(self.seen) > VALUES:
            self.seen.popitem(last=False)
            self.evicted += 1
        if len(self.since) > OWNERS:
            self.since.popitem(last=False)


def _brief(values: Iterable[str]) -> tuple[str, ...]:
    """Values as they are remembered: a host that sends long ones gets no more room than others."""
    return tuple(
        value if len(value) <= CHARACTERS else hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
        for value in values
    )
