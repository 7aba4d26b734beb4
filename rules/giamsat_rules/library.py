# SPDX-License-Identifier: Apache-2.0
"""Everything in one set of folders, read together: rules, level packs, and the overrides that stand on both."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final

from giamsat_rules.applicability import misfits
from giamsat_rules.document import Document
from giamsat_rules.errors import Problem
from giamsat_rules.load import Folders, load_rules, load_standards, override_documents
from giamsat_rules.override import Override, read_override
from giamsat_rules.rule import RuleSet
from giamsat_rules.standards import Standards

OVERRIDES: Final = 1_000
"""The most overrides; more are no exceptions."""


@dataclass(frozen=True, slots=True)
class Library:
    """Rules, packs and overrides. `refused` says which overrides were left out, and why."""

    rules: RuleSet
    standards: Standards
    refused: tuple[Problem, ...]


def open_library(folders: Folders, zone: tzinfo = UTC) -> Library:
    """Read everything; days of overrides are those of `zone`.

    Raises:
        UnreadableError: a folder cannot be read.
        RefusedError: a pack holds problems; all of them are named.
    """
    rules, standards = load_rules(folders.detections), load_standards(folders)
    packs = tuple(standards.packs.values())
    if folders.overrides is None:
        return Library(rules, Standards(packs[0], packs[1:], zone=zone), ())
    problems: list[Problem] = []
    good: dict[str, Override] = {}
    for document in override_documents(folders.overrides, problems):
        one = _usable(document, rules, standards, problems)
        if one is not None and len(good) >= OVERRIDES:
            problems.append(document.problem(f"more than {OVERRIDES} overrides", "change the level pack instead"))
            break
        if one is not None and good.setdefault(one.name, one) is not one:
            what = f"the name {one.name!r} is taken by {good[one.name].origin}"
            problems.append(document.problem(what, "give this override another name", "override"))
    return Library(rules, Standards(packs[0], packs[1:], tuple(good.values()), zone), tuple(problems))


def _usable(document: Document, rules: RuleSet, standards: Standards, problems: list[Problem]) -> Override | None:
    """The override of a document, when it can be read and leaves every rule it touches judgeable."""
    declared = {name for pack in standards.packs.values() for name in pack.declared}
    found = read_override(document, declared, problems)
    wrong = tuple(misfits(found, rules, standards.packs.values())) if found else ()
    problems += wrong
    return None if wrong else found
