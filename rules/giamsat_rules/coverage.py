# SPDX-License-Identifier: Apache-2.0
"""Which ATT&CK techniques a rule set detects, at which level, and which of its rules have been shown to fire."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from giamsat_rules.case import CaseFile
from giamsat_rules.level import LEVELS, LevelPack
from giamsat_rules.rule import Correlation, Detection, RuleSet


@dataclass(frozen=True, slots=True)
class Covered:
    """One technique: the rules that name it, the levels that judge at least one of them, and how many have cases."""

    technique: str
    rules: tuple[str, ...]
    levels: tuple[int, ...]
    proven: int

    def as_json(self) -> dict[str, object]:
        """The shape that is printed."""
        return {
            "technique": self.technique,
            "rules": list(self.rules),
            "levels": list(self.levels),
            "proven": self.proven,
        }


def coverage(rules: RuleSet, pack: LevelPack, cases: Iterable[CaseFile]) -> Sequence[Covered]:
    """Every technique the rules that speak for themselves name, in order."""
    proven = {each.rule for each in cases if each.fires}
    by_technique: dict[str, list[str]] = defaultdict(list)
    for name, rule in sorted(rules.rules.items()):
        if isinstance(rule, Detection | Correlation) and rule.silent:
            continue
        for technique in rule.header.techniques:
            by_technique[technique].append(name)
    return [
        Covered(
            technique=technique,
            rules=tuple(names),
            levels=tuple(level for level in LEVELS if any(pack.profile(level).judges(name) for name in names)),
            proven=len(proven.intersection(names)),
        )
        for technique, names in sorted(by_technique.items())
    ]


def navigator(covered: Sequence[Covered], name: str) -> dict[str, object]:
    """The same as a layer of MITRE's ATT&CK Navigator (layer format 4.5)."""
    return {
        "name": name,
        "versions": {"layer": "4.5"},
        "domain": "enterprise-attack",
        "techniques": [
            {"techniqueID": each.technique, "score": len(each.rules), "comment": ", ".join(each.rules)}
            for each in covered
        ],
    }
