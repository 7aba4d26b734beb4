# SPDX-License-Identifier: Apache-2.0
"""One set of rules with its level pack: read whole, compared with another."""

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from giamsat_collector.errors import RefusedError
from giamsat_rules.engine import Engine
from giamsat_rules.errors import Problem, RulesError
from giamsat_rules.level import LEVELS, LevelPack, Profile
from giamsat_rules.library import open_library
from giamsat_rules.load import Folders, bundled, load_obligations
from giamsat_rules.lock import Lock, broken, lock_of
from giamsat_rules.obligation import Obligation
from giamsat_rules.override import Override, Scope
from giamsat_rules.rule import RuleSet
from giamsat_rules.standards import Standards


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules, the level packs, and what systems owe by each of them.

    `digest` is the SHA-256 of all texts, shortened; `lock` has each rule's version and content.
    `refused` are the overrides that were left out.
    """

    rules: RuleSet
    standards: Standards
    duties: Mapping[str, tuple[Obligation, ...]]
    folders: Folders
    digest: str
    lock: Lock
    refused: tuple[Problem, ...] = ()

    @property
    def pack(self) -> LevelPack:
        """The pack that judges what names none."""
        return self.standards.default

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """Those of every pack, the default one's last: what one of them is called is best said in its words."""
        return tuple(one for pack in reversed(self.standards.packs) for one in self.duties[pack])


def read(folders: Folders, zone: tzinfo = UTC) -> Rulebook:
    """The rulebook in these folders; a rule or override that cannot be used is left out and told. Days are of `zone`.

    Raises:
        RefusedError: the folders cannot be read, or the pack holds problems.
    """
    try:
        library = open_library(folders, zone)
        rules, standards = library.rules, library.standards
        texts = json.dumps(bundled(folders), sort_keys=True).encode()
        return Rulebook(
            rules=rules,
            standards=standards,
            duties={pack.name: load_obligations(pack.origin.file.parent) for pack in standards.packs.values()},
            folders=folders,
            digest=hashlib.sha256(texts).hexdigest()[:16],
            lock=lock_of(rules),
            refused=library.refused,
        )
    except RulesError as error:
        raise RefusedError(str(error)) from error


def problems(before: Rulebook, candidate: Rulebook) -> tuple[str, ...]:
    """Why a candidate must not follow the rulebook before it; nothing when it may."""
    found = [*candidate.rules.problems, *candidate.refused, *broken(before.lock, candidate.lock, candidate.rules)]
    disabled = Engine(candidate.rules, candidate.standards).counters.disabled
    unfit = [f"{name}: {why}; correct the level pack or the rule" for name, why in sorted(disabled.items())]
    empty = [] if candidate.rules.rules else [f"{candidate.folders.detections}: holds no rule; give a folder of rules"]
    return (*map(str, found), *unfit, *empty)


def difference(before: Rulebook, after: Rulebook) -> dict[str, Any]:
    """What changes from one rulebook to another, as JSON: rules by name, and for each level what differs."""
    ours, theirs = before.lock, after.lock
    return {
        "added": sorted(theirs.keys() - ours.keys()),
        "removed": sorted(ours.keys() - theirs.keys()),
        "changed": sorted(name for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]),
        "unchanged": sum(ours.get(name) == each for name, each in theirs.items()),
        "packs_added": sorted(after.standards.packs.keys() - before.standards.packs.keys()),
        "packs_removed": sorted(before.standards.packs.keys() - after.standards.packs.keys()),
        "overrides_added": sorted(_overrides(after) - _overrides(before)),
        "overrides_removed": sorted(_overrides(before) - _overrides(after)),
        "levels": [
            found
            for name, pack in before.standards.packs.items()
            if name in after.standards.packs
            for found in _levels(pack, after.standards.packs[name])
        ],
    }


def strangers(overrides: Iterable[Override], known: Mapping[Scope, Container[str]]) -> Iterator[str]:
    """The overrides for a unit, system or asset nobody registered, as problems."""
    for one in overrides:
        if one.of not in known[one.scope]:
            yield f"{one.origin}: no such {one.scope}: {one.of}; 'giamsat-collector registry {one.scope}s' shows them"


def _overrides(book: Rulebook) -> set[str]:
    """Each override in a line."""
    return {
        f"{one.name} ({one.scope} {one.of}, {one.document}, {one.last}): "
        + ", ".join(
            f"{step.name} = {step.value:g}" if step.value is not None else f"{step.what} {step.name}"
            for step in one.settings
        )
        for one in book.standards.overrides
    }


def _levels(before: LevelPack, after: LevelPack) -> Iterator[dict[str, Any]]:
    for level in LEVELS:
        ours, theirs = before.profile(level), after.profile(level)
        values = dict(_values(ours, theirs))
        added, removed = sorted(theirs.rules - ours.rules), sorted(ours.rules - theirs.rules)
        if values or added or removed:
            yield {"pack": after.name, "level": level, "rules_added": added, "rules_removed": removed, "values": values}


def _values(before: Profile, after: Profile) -> Iterator[tuple[str, tuple[float | None, float | None]]]:
    ours: Mapping[str, float] = before.values
    for name in sorted(ours.keys() | after.values.keys()):
        if ours.get(name) != after.values.get(name):
            yield name, (ours.get(name), after.values.get(name))
