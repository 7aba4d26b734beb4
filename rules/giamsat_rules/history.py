# SPDX-License-Identifier: Apache-2.0
"""What has been seen before: the memory behind "new for this host" and "new for this unit"."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from giamsat_rules.level import Profile
from giamsat_rules.matching.pattern import as_text
from giamsat_rules.matching.taxonomy import getter
from giamsat_rules.owner import Owner
from giamsat_rules.rule import History
from giamsat_rules.verdict import Occurrence, Subject

VALUES: Final = 200_000
"""Values one rule remembers over all owners: who has the most gives up the one unseen longest."""
OWN: Final = 5_000
"""Values of one owner: who sends ever new ones forgets its own, and nobody else's. What is forgotten is counted."""
CHARACTERS: Final = 64
"""A longer value is remembered by its hash."""
OWNERS: Final = 20_000
"""Assets or units one rule knows."""

Seen: TypeAlias = OrderedDict[tuple[str, ...], int]
"""Values of one owner, and when each was seen last; the one unseen longest first."""
Tell: TypeAlias = Callable[[str, tuple[str, ...], int | None], None]
"""Told of an owner's values and when they were seen (UNIX nanoseconds): when they are new, once a day after that, and
None when they are forgotten."""
_DAY_NS: Final = 86_400 * 10**9


def _nobody(_owner: str, _values: tuple[str, ...], _at_ns: int | None) -> None:
    """Keeps nothing beyond this life."""


@dataclass(slots=True)
class Sizes:
    """Owners by how many values each has: who has the most is found without looking at all of them."""

    owners: dict[int, OrderedDict[str, None]] = field(default_factory=dict)
    most: int = 0

    def moved(self, owner: str, before: int, now: int) -> None:
        """An owner that had `before` values has `now`."""
        if before == now:
            return
        if before:
            there = self.owners[before]
            del there[owner]
            if not there:
                del self.owners[before]
        if now:
            self.owners.setdefault(now, OrderedDict())[owner] = None
        self.most = max(self.most, now)
        while self.most and self.most not in self.owners:
            self.most -= 1

    @property
    def largest(self) -> str:
        """An owner with the most values; there must be one that has any."""
        return next(iter(self.owners[self.most]))


@dataclass(slots=True)
class Memory:
    """What one rule has seen, and since when it knows each owner; `tell` is told what a restart must not forget."""

    history: History
    seen: dict[str, Seen] = field(default_factory=dict)
    since: OrderedDict[str, int] = field(default_factory=OrderedDict)
    sizes: Sizes = field(default_factory=Sizes)
    count: int = 0
    evicted: int = 0
    tell: Tell = _nobody

    def is_new(self, occurrence: Occurrence, profile: Profile) -> bool:
        """Whether the event brings values its owner has not had within the span; it is remembered either way."""
        said: list[str] = []
        for name in self.history.fields:
            value = getter(name)(occurrence.fields)
            if value is None:
                return False
            said.append(",".join(value) if isinstance(value, tuple) else as_text(value))
        at_ns, owner, values = occurrence.at_ns, self._owner(occurrence.subject), _brief(said)
        its = self.seen.get(owner)
        last_ns = None if its is None else its.get(values)
        since_ns = self._note(owner, values, at_ns, at_ns)
        if at_ns - since_ns < profile.value(self.history.learn) * 10**9:
            return False
        return last_ns is None or at_ns - last_ns > profile.value(self.history.within) * 10**9

    def recall(self, subject: Subject, values: tuple[str, ...], first_ns: int, last_ns: int) -> None:
        """Values an owner is known to have had, from a record that outlives this memory."""
        self._note(self._owner(subject), _brief(values), first_ns, last_ns)

    def recollect(self, owner: str, values: tuple[str, ...], first_ns: int, last_ns: int) -> None:
        """What was told in an earlier life; the longest unseen comes first."""
        self._note(owner, values, first_ns, last_ns)

    def _owner(self, subject: Subject) -> str:
        return subject.unit if self.history.per is Owner.UNIT and subject.unit is not None else subject.asset

    def _note(self, owner: str, values: tuple[str, ...], first_ns: int, last_ns: int) -> int:
        """Remember values; since when the owner is known."""
        its = self.seen.setdefault(owner, OrderedDict())
        before_ns = its.get(values)
        if before_ns is None:
            self._holds(owner, len(its), len(its) + 1)
        its[values] = last_ns if before_ns is None else max(before_ns, last_ns)
        its.move_to_end(values)
        if before_ns is None or last_ns // _DAY_NS > before_ns // _DAY_NS:
            self.tell(owner, values, last_ns)
        since_ns = self.since[owner] = min(self.since.get(owner, first_ns), first_ns)
        if len(its) > OWN:
            self._forget_of(owner)
        elif self.count > VALUES:
            self._forget_of(self.sizes.largest)
        if len(self.since) > OWNERS:
            self._forget_owner(self.since.popitem(last=False)[0])
        return since_ns

    def _forget_owner(self, owner: str) -> None:
        its = self.seen.pop(owner, OrderedDict())
        self._holds(owner, len(its), 0)
        for values in its:
            self.tell(owner, values, None)

    def _forget_of(self, owner: str) -> None:
        """The value of an owner that was not seen for longest."""
        its = self.seen[owner]
        values, _ = its.popitem(last=False)
        self._holds(owner, len(its) + 1, len(its))
        self.tell(owner, values, None)

    def _holds(self, owner: str, before: int, now: int) -> None:
        self.sizes.moved(owner, before, now)
        self.count += now - before
        self.evicted += max(0, before - now)


def _brief(values: Iterable[str]) -> tuple[str, ...]:
    """Values as they are remembered: a host that sends long ones gets no more room than others."""
    return tuple(
        value if len(value) <= CHARACTERS else hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
        for value in values
    )
