# SPDX-License-Identifier: Apache-2.0
"""Every level pack there is, and every override: each system is judged by what its approved dossier refers to.

What names no pack is judged by the default one. A pack nobody has is no excuse: such a system counts as unclassified.
An override counts for what happened within its days, and for nothing after them.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from typing import Final, NamedTuple

from giamsat_rules.level import LevelPack, Profile
from giamsat_rules.override import Override, Scope, in_order, overridden
from giamsat_rules.rule import Parameter, Quantity
from giamsat_rules.verdict import Subject

RESOLVED: Final = 4_096
"""Overridden profiles that are remembered; when there are more, all are made anew."""


ASSETS: Final = 65_536
"""Assets whose profile is remembered from one event to the next."""


class _Span(NamedTuple):
    """By which profile a subject is judged between two moments; no override begins or ends there."""

    subject: Subject
    since_ns: float
    until_ns: float
    profile: Profile


class Standards:
    """The packs by name; `default` is the first. Days of overrides are those of `zone`."""

    def __init__(
        self,
        default: LevelPack,
        others: Sequence[LevelPack] = (),
        overrides: Sequence[Override] = (),
        zone: tzinfo = UTC,
    ) -> None:
        self.default = default
        self.packs = {pack.name: pack for pack in (default, *others)}
        self.overrides = tuple(in_order(overrides))
        self.zone = zone
        self._by_scope: dict[Scope, dict[str | None, list[tuple[int, int, Override]]]] = {scope: {} for scope in Scope}
        for one in self.overrides:
            self._by_scope[one.scope].setdefault(one.of, []).append((*one.span_ns(zone), one))
        self._units, self._systems, self._assets = (self._by_scope[scope] for scope in Scope)
        self._resolved: dict[tuple[str, ...], Profile] = {}
        self._last: dict[str, _Span] = {}

    def pack(self, name: str | None) -> LevelPack:
        """The pack of this name; the default one when nothing, or nothing that is known, is named."""
        return self.packs.get(name or "", self.default)

    def profile_of(self, subject: Subject, at_ns: int) -> Profile:
        """The profile of the subject's level in its pack, with the overrides that count for it at a moment."""
        if not self.overrides:
            return self.base(subject)
        last = self._last.get(subject.asset)
        if last is None or not last.since_ns <= at_ns < last.until_ns or last.subject != subject:
            if len(self._last) >= ASSETS:
                self._last.clear()
            last = self._last[subject.asset] = self._found(subject, at_ns)
        return last.profile

    def base(self, subject: Subject) -> Profile:
        """The same without overrides; of a pack nobody has, the strictest of the default one."""
        if subject.pack is None:
            return self.default.profile(subject.level)
        pack = self.packs.get(subject.pack)
        return pack.profile(subject.level) if pack else self.default.profile(None)

    def standing(self, subject: Subject, at_ns: int) -> tuple[Override, ...]:
        """The overrides that count for a subject at a moment, the narrowest last."""
        return tuple([one for begins, ends, one in self._concerning(subject) if begins <= at_ns < ends])

    def concerning(self, subject: Subject) -> tuple[Override, ...]:
        """Every override for a subject, whatever the day."""
        return tuple([one for _, _, one in self._concerning(subject)])

    def every(self) -> Iterator[Profile]:
        """The profile of each level of each pack. Overrides are not among them: what they leave was found fit."""
        for pack in self.packs.values():
            yield from pack.every()

    def most(self, wanted: Quantity) -> float:
        """The largest number a quantity stands for in any profile or override; 0 when none sets it."""
        said = [pack.most(wanted) for pack in self.packs.values()]
        if isinstance(wanted, Parameter):
            steps = (step for one in self.overrides for step in one.settings)
            said += [step.value for step in steps if step.name == wanted.name and step.value is not None]
        return max(said)

    def _found(self, subject: Subject, at_ns: int) -> _Span:
        edges = {edge for begins, ends, _ in self._concerning(subject) for edge in (begins, ends)}
        since = max((edge for edge in edges if edge <= at_ns), default=-math.inf)
        until = min((edge for edge in edges if edge > at_ns), default=math.inf)
        return _Span(subject, since, until, self._resolve(self.base(subject), self.standing(subject, at_ns)))

    def _resolve(self, base: Profile, standing: tuple[Override, ...]) -> Profile:
        """One profile for all who are judged alike."""
        if not standing:
            return base
        key = (base.hash, *(one.name for one in standing))
        known = self._resolved.get(key)
        if known is None:
            if len(self._resolved) >= RESOLVED:
                self._resolved.clear()
            known = self._resolved[key] = overridden(base, standing)
        return known

    def _concerning(self, subject: Subject) -> Sequence[tuple[int, int, Override]]:
        units, systems, assets = (
            self._units.get(subject.unit, ()),
            self._systems.get(subject.system, ()),
            self._assets.get(subject.asset, ()),
        )
        return (*units, *systems, *assets) if units or systems or assets else ()
