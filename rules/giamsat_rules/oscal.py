# SPDX-License-Identifier: Apache-2.0
"""Level packs as OSCAL 1.1.2: one catalog of obligations and rules, and a profile for each level.

A catalog's controls are the obligations and the rules, its parameters those of the pack; a profile imports what its
level owes and is judged by, and sets the values. Identifiers depend on the content alone, so the same pack gives the
same files. The shapes are those of NIST's OSCAL catalog and profile models.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid5

from giamsat_rules.level import LEVELS, LevelPack
from giamsat_rules.obligation import Mode, Obligation
from giamsat_rules.rule import Header, Rule, RuleSet

VERSION: Final = "1.1.2"
CATALOG: Final = "catalog.json"
NAMESPACE: Final = "urn:giamsat:oscal"
"""Of properties that OSCAL itself does not name."""
_ROOT: Final = UUID("6d2f6c0e-7a3b-5d0c-9a52-0d3a1c5b9e71")
RULE: Final = "rule."
"""Before the names of rules, so that they and obligations never share an identifier."""

Json = dict[str, Any]


def catalog(rules: RuleSet, pack: LevelPack, obligations: Iterable[Obligation], modified: str) -> Json:
    """The catalog of a pack; `modified` is an RFC 3339 instant."""
    named = sorted(rules.rules.items())
    return {
        "catalog": {
            "uuid": _uuid(pack, "catalog"),
            "metadata": _metadata(pack, f"{pack.name} {pack.version}", modified),
            "params": [
                {"id": each.name, "label": each.title.en, "props": [_prop("unit", each.unit)]}
                for each in sorted(pack.declared.values(), key=lambda one: one.name)
            ],
            "groups": [
                {"id": "obligations", "title": "Obligations", "controls": [_obligation(one) for one in obligations]},
                {"id": "rules", "title": "Rules", "controls": [_rule(name, rule) for name, rule in named]},
            ],
        }
    }


def profile(rules: RuleSet, pack: LevelPack, obligations: Iterable[Obligation], level: int, modified: str) -> Json:
    """The profile of a level, beside the catalog."""
    its = pack.profile(level)
    owed = [one.id for one in obligations if level in one.clauses]
    judged = [RULE + name for name in sorted(rules.rules) if its.judges(name)]
    return {
        "profile": {
            "uuid": _uuid(pack, its.hash),
            "metadata": _metadata(
                pack, f"{pack.name} {pack.version}, level {level}", modified, _prop("hash", its.hash)
            ),
            "imports": [{"href": CATALOG, "include-controls": [{"with-ids": [*owed, *judged]}]}],
            "merge": {"as-is": True},
            "modify": {
                "set-parameters": [
                    {"param-id": name, "values": [f"{value:g}"]} for name, value in sorted(its.values.items())
                ]
            },
        }
    }


def files(rules: RuleSet, pack: LevelPack, obligations: Sequence[Obligation], modified: str) -> Mapping[str, Json]:
    """Everything, by the name of its file."""
    profiles = {f"level-{level}.json": profile(rules, pack, obligations, level, modified) for level in LEVELS}
    return {CATALOG: catalog(rules, pack, obligations, modified), **profiles}


def _metadata(pack: LevelPack, title: str, modified: str, *props: Json) -> Json:
    verified = "yes" if pack.verified else "no"
    said = [_prop("standard", pack.standard)] if pack.standard else []
    return {
        "title": title,
        "last-modified": modified,
        "version": pack.version,
        "oscal-version": VERSION,
        "props": [_prop("verified-against-the-standard", verified), *said, *props],
    }


def _obligation(one: Obligation) -> Json:
    clauses = [_prop("clause", clause, f"level-{level}") for level, clause in sorted(one.clauses.items())]
    days = [_prop("days", str(count), f"level-{level}") for level, count in sorted(one.days.items())]
    return {
        "id": one.id,
        "class": "obligation",
        "title": one.title.en,
        "props": [_prop("proof", one.proof.value), _prop("mode", one.mode.value), *clauses, *days],
        "parts": [
            {"id": f"{one.id}_stm", "name": "statement", "prose": f"{one.title.vi} / {one.title.en}"},
            {"id": f"{one.id}_gdn", "name": "guidance", "prose": f"{one.step.vi} / {one.step.en}"},
            {
                "id": f"{one.id}_asm",
                "name": "assessment-method",
                "props": [{"name": "method", "value": "EXAMINE" if one.mode is Mode.ATTESTED else "TEST"}],
                "parts": [_looked_at(one)],
            },
        ],
    }


def _looked_at(one: Obligation) -> Json:
    """What is looked at, as a part of its assessment method."""
    prose = "\n\n".join(f"{each.vi} / {each.en}" for each in one.evidence)
    return {"id": f"{one.id}_obj", "name": "assessment-objects", "prose": prose}


def _rule(name: str, rule: Rule) -> Json:
    header: Header = rule.header
    said = f"{header.description.vi} / {header.description.en}" if header.description.en else header.title.en
    techniques = [_prop("technique", technique) for technique in header.techniques]
    return {
        "id": RULE + name,
        "class": "rule",
        "title": header.title.en or name,
        "props": [_prop("version", str(header.version)), _prop("severity", header.severity), *techniques],
        "parts": [{"id": f"{RULE}{name}_stm", "name": "statement", "prose": said or name}],
    }


def _prop(name: str, value: str, of: str = "") -> Json:
    """A property; OSCAL allows no empty ones, and no space at either end."""
    return {"name": name, "ns": NAMESPACE, "value": value.strip() or "-", **({"class": of} if of else {})}


def _uuid(pack: LevelPack, what: str) -> str:
    """A version-5 UUID of the pack's whole content and of what it names."""
    content = " ".join(pack.profile(level).hash for level in LEVELS)
    return str(uuid5(_ROOT, f"{pack.name} {pack.version} {content} {what}"))
