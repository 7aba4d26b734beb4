# SPDX-License-Identifier: Apache-2.0
"""Overrides: a unit, a system or an asset is judged by other numbers than its level, because somebody signed for it.

    override: guesses-at-the-portal     its name, which no other has
    system: HT-0417                     or unit, or asset: the narrower counts for more
    owner: …                            who answers for it
    document: 12/QĐ                     the number of what was signed
    reason: …
    from: 2026-11-01                    the first day; without it, always
    expires: 2027-03-31                 the last day: after it all is as before, by itself
    set: {ssh_failed_logins: 12}
    include: [account_locked_out]
    exclude: [web_missing_pages]

One YAML document each, several may share a file. It may ask for more than the level does, or for less.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, Literal

from giamsat_rules.document import Document
from giamsat_rules.errors import Origin, Problem
from giamsat_rules.language.quantity import quantity
from giamsat_rules.level import Declared, Profile, Setting

CHARACTERS: Final = 300
"""The longest text of an override."""
YEARS: Final = range(1970, 2262)
"""The years whose every instant is a UNIX time in nanoseconds of 64 bits; those end in April 2262."""


class Scope(StrEnum):
    """Whom an override is for, the narrower last."""

    UNIT = "unit"
    SYSTEM = "system"
    ASSET = "asset"


@dataclass(frozen=True, slots=True)
class Override:
    """One of them: for the unit, system or asset `of`, from its first day to its last."""

    name: str
    scope: Scope
    of: str
    owner: str
    document: str
    reason: str
    first: date | None
    last: date
    settings: tuple[Setting, ...]
    origin: Origin

    def span_ns(self, zone: tzinfo) -> tuple[int, int]:
        """From when on it counts, and from when on no longer (UNIX nanoseconds), by the days of a zone."""
        begins = _midnight(self.first, zone) if self.first else 0
        return begins, _midnight(self.last + timedelta(days=1), zone)


def weakens(step: Setting, profile: Profile, declared: Mapping[str, Declared]) -> bool:
    """Whether a step of an override asks for less than a profile does."""
    if step.what != "set":
        return step.what == "exclude" and profile.judges(step.name)
    before, known = profile.values.get(step.name), declared.get(step.name)
    if before is None or known is None or step.value is None:
        return False
    return step.value > before if known.stricter == "lower" else step.value < before


def overridden(base: Profile, overrides: Sequence[Override]) -> Profile:
    """The profile that remains of another after these, in their order; its hash names them, too."""
    rules, values, steps = set(base.rules), dict(base.values), [step for one in overrides for step in one.settings]
    for step in steps:
        if step.what == "include":
            rules.add(step.name)
        elif step.what == "exclude":
            rules.discard(step.name)
        elif step.value is not None:
            values[step.name] = step.value
    content = {
        "profile": base.hash,
        "overrides": [[one.name, one.scope, one.of, one.document] for one in overrides],
        "steps": [[step.what, step.name, step.value] for step in steps],
    }
    return replace(
        base,
        rules=frozenset(rules),
        mentioned=base.mentioned | {step.name for step in steps if step.what != "set"},
        values=values,
        chain=(*base.chain, *steps),
        hash=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
    )


def read_override(document: Document, declared: Collection[str], problems: list[Problem]) -> Override | None:
    """The override a document says; None, with every reason added to `problems`, when it cannot be used.

    `declared` names the parameters there are.
    """
    reader = _Reader(document, declared)
    found = reader.read()
    problems += reader.problems
    return None if reader.problems else found


@dataclass(slots=True)
class _Reader:
    """One document while it is being understood."""

    document: Document
    declared: Collection[str]
    problems: list[Problem] = field(default_factory=list)

    def read(self) -> Override:
        said = self.document.value
        for key in sorted(said.keys() - _KEYS):
            near = get_close_matches(key, sorted(_KEYS), 1)
            remedy = f"did you mean {near[0]}?" if near else f"use {', '.join(sorted(_KEYS))}"
            self._wrong(f"{key} is not known", remedy, key)
        scopes = [scope for scope in Scope if scope in said]
        if len(scopes) != 1:
            self._wrong("it is for no one, or for several", "name one unit, or one system, or one asset")
        scope = scopes[0] if scopes else Scope.ASSET
        first = self._day("from") if "from" in said else None
        last = self._day("expires") or date.max
        if first and first > last:
            self._wrong(f"it ends on {last}, before it begins", "give a later day", "expires")
        name, of, document = self._text("override"), self._text(scope) if scopes else "", self._text("document")
        label = f"{scope} {of} ({name}: {document}, until {last})"
        settings = tuple(self._settings(label))
        if not settings and not self.problems:
            self._wrong("it changes nothing", "give set, include or exclude")
        owner, reason = self._text("owner"), self._text("reason")
        return Override(name, scope, of, owner, document, reason, first, last, settings, self.document.at())

    def _settings(self, label: str) -> Iterator[Setting]:
        said = self.document.value
        given = said.get("set") or {}
        if not isinstance(given, dict):
            self._wrong("set is not a map", "write set: {ssh_failed_logins: 12}", "set")
            given = {}
        for name, value in given.items():
            number = quantity(value)
            if name not in self.declared:
                near = get_close_matches(name, sorted(self.declared), 1)
                remedy = f"did you mean {near[0]}?" if near else "see catalogue.yml of the level pack"
                self._wrong(f"there is no parameter {name}", remedy, "set", name)
            elif not isinstance(number, float):
                self._wrong(f"{name} is set to {value!r}", "give a number or a time such as 5m", "set", name)
            else:
                yield Setting(0, self.document.at("set", name), "set", name, number, by=label)
        yield from self._named("include", label)
        yield from self._named("exclude", label)

    def _named(self, what: Literal["include", "exclude"], label: str) -> Iterator[Setting]:
        given = self.document.value.get(what) or []
        if not isinstance(given, list):
            self._wrong(f"{what} is not a list", f"write {what}: [a_rule, another_rule]", what)
            return
        for index, name in enumerate(given):
            yield Setting(0, self.document.at(what, index), what, str(name), by=label)

    def _text(self, key: str) -> str:
        said = self.document.value.get(key)
        text = "" if said is None or isinstance(said, dict | list) else str(said).strip()
        if not text or len(text) > CHARACTERS:
            self._wrong(f"{key} is missing, or longer than {CHARACTERS} characters", _NEEDED[key], key)
        return text

    def _day(self, key: str) -> date | None:
        said = self.document.value.get(key)
        try:
            day = date.fromisoformat(str(said))
        except ValueError:
            self._wrong(f"{key} is {str(said)[:40]!r} and no day", "write it as 2027-03-31", key)
            return None
        if day.year not in YEARS:
            self._wrong(f"{key} is {day}, not from {YEARS[0]} to {YEARS[-1]}", "give a day within them", key)
            return None
        return day

    def _wrong(self, what: str, remedy: str, *path: str) -> None:
        self.problems.append(self.document.problem(what, remedy, *path))


_NEEDED: Final = {
    "override": "give it a name of its own",
    "owner": "say who answers for it",
    "document": "give the number of what was signed",
    "reason": "say why",
    **{scope.value: f"give the id of the {scope}" for scope in Scope},
}
_KEYS: Final = frozenset({*_NEEDED, "from", "expires", "set", "include", "exclude"})


def in_order(overrides: Iterable[Override]) -> list[Override]:
    """From the widest to the narrowest, then by their first day and name: the later one counts."""
    rank = list(Scope)
    return sorted(overrides, key=lambda one: (rank.index(one.scope), one.first or date.min, one.name))


def _midnight(day: date, zone: tzinfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 10**9
