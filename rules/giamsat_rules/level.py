# SPDX-License-Identifier: Apache-2.0
"""Level packs: which rules a protection level is judged by, and with which values.

`catalogue.yml` declares the parameters; `level-N.yml` imports another level's profile, includes and excludes rules by
name and sets parameters. Levels are not supersets of each other, so a profile is what remains after the whole chain.
What is imported may be a level of another pack, as `import: PACK/level-N`: its parameters are declared here, too.
A rule that no level of the pack mentions is judged at every level: a rule somebody adds is never silently off.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from giamsat_rules.document import Document
from giamsat_rules.errors import Origin, Problem, UnknownError
from giamsat_rules.language.quantity import quantity
from giamsat_rules.rule import Parameter, Quantity, Rule, Texts, parameters
from giamsat_rules.verdict import Subject

LEVELS: Final = (1, 2, 3, 4, 5)
STRICTEST: Final = 5
"""The level an unclassified asset is judged by."""

_STEMS: Final = {f"level-{level}": level for level in LEVELS}
_OF_CATALOGUE: Final = ("pack", "version", "source", "parameters", "exemptions")
_OF_LEVEL: Final = ("import", "include", "exclude", "set")

Stricter: TypeAlias = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter of the catalogue: its unit, which way it gets stricter, and what it is."""

    name: str
    unit: str
    stricter: Stricter
    title: Texts
    origin: Origin


@dataclass(frozen=True, slots=True)
class Exemption:
    """A signed permission for a parameter to be weaker at a level than at the one below."""

    parameter: str
    level: int
    reason: str
    document: str
    owner: str
    expires: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One step of the chain that led to a profile: something set a parameter, or took a rule in or out.

    That was the file of `level`, or what `by` names.
    """

    level: int
    origin: Origin
    what: Literal["set", "include", "exclude"]
    name: str
    value: float | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A level's resolved rules and values. `hash` names this very content and is stored with every verdict."""

    pack: str
    version: str
    level: int
    rules: frozenset[str]
    mentioned: frozenset[str]
    values: Mapping[str, float]
    chain: tuple[Setting, ...]
    hash: str

    def judges(self, rule: str) -> bool:
        """Whether this level is judged by the rule."""
        return rule in self.rules or rule not in self.mentioned

    def value(self, wanted: Quantity) -> float:
        """The number a quantity stands for at this level.

        Raises:
            UnknownError: the level sets no such parameter.
        """
        if not isinstance(wanted, Parameter):
            return wanted
        if wanted.name not in self.values:
            raise UnknownError(
                f"level {self.level} of {self.pack} sets no {wanted.name}; add it to level-{self.level}.yml"
            )
        return self.values[wanted.name]

    def lacks(self, rule: Rule) -> frozenset[str]:
        """The parameters the rule names and this level does not set."""
        return parameters(rule) - self.values.keys()


@dataclass(frozen=True, slots=True)
class LevelPack:
    """What one standard demands at each level. `verified`: somebody has compared it with the standard's own text."""

    name: str
    version: str
    declared: Mapping[str, Declared]
    exemptions: tuple[Exemption, ...]
    profiles: Mapping[int, Profile]
    origin: Origin
    standard: str = ""
    verified: bool = False

    def profile(self, level: int | None) -> Profile:
        """The profile of a level; an unclassified or unknown level gets the strictest, never a weaker one."""
        return self.profiles.get(level if level is not None else STRICTEST) or self.profiles[STRICTEST]

    def profile_of(self, subject: Subject, at_ns: int) -> Profile:  # noqa: ARG002 - the same at all times
        """The profile of the subject's level, whatever pack its system names."""
        return self.profile(subject.level)

    def every(self) -> Iterable[Profile]:
        """The profile of each level."""
        return self.profiles.values()

    def most(self, wanted: Quantity) -> float:
        """The largest number a quantity stands for at any level; 0 when none sets it."""
        if not isinstance(wanted, Parameter):
            return wanted
        return max(profile.values.get(wanted.name, 0.0) for profile in self.profiles.values())


@dataclass(slots=True)
class _Reader:
    """A pack while its documents are being understood."""

    documents: Mapping[str, Document]
    problems: list[Problem]
    others: Mapping[str, LevelPack]
    declared: dict[str, Declared] = field(default_factory=dict)

    def must_be_read(self, document: Document, keys: Sequence[str]) -> None:
        """Note every key of a document that stands for nothing: what it was meant to change would stay as it is."""
        for key in sorted(document.value.keys() - set(keys)):
            self.problems.append(document.problem(f"{key} is not known", f"use {', '.join(keys)}", key))

    def parts(self, document: Document, key: str, kind: type[dict[str, object]] | type[list[object]]) -> object:
        """The map or list under `key`; an empty one when absent, noted when it is something else."""
        said = document.value.get(key)
        if said is None:
            return kind()
        if not isinstance(said, kind):
            name = "map" if kind is dict else "list"
            self.problems.append(document.problem(f"{key} is not a {name}", "see the shipped pack", key))
            return kind()
        return said

    def entries(self, document: Document, key: str) -> Iterator[tuple[str, dict[str, object]]]:
        """The maps under the keys of the map `key`."""
        found = self.parts(document, key, dict)
        for name, said in found.items() if isinstance(found, dict) else ():
            if isinstance(said, dict):
                yield name, said
            else:
                self.problems.append(document.problem(f"{key}.{name} is not a map", "see the shipped pack", key, name))

    def names(self, document: Document, key: str) -> list[str]:
        """The list of names under `key`."""
        found = self.parts(document, key, list)
        return [str(name) for name in found] if isinstance(found, list) else []


def imports(document: Document) -> tuple[str, str]:
    """What a level imports: the pack, empty for its own, and the level's file stem, empty for nothing."""
    pack, _, level = str(document.value.get("import") or "").rpartition("/")
    return pack, level


def read_pack(
    documents: Mapping[str, Document], problems: list[Problem], others: Mapping[str, LevelPack]
) -> LevelPack | None:
    """The pack in the documents by file stem; None, with the reasons added to `problems`, when it cannot be used.

    `others` are the packs whose levels it imports, by the name it calls them.
    """
    before = len(problems)
    reader = _Reader(documents, problems, others)
    catalogue = documents["catalogue"]
    for stem, document in documents.items():
        reader.must_be_read(document, _OF_CATALOGUE if stem == "catalogue" else _OF_LEVEL)
    for other in others.values():
        reader.declared.update(other.declared)
    reader.declared.update(_declared(reader, catalogue))
    name, version = str(catalogue.value.get("pack", "")), str(catalogue.value.get("version", ""))
    if not name or not version:
        problems.append(catalogue.problem("pack or version is missing", "name the pack and its version"))
    chains = {level: _chain(reader, level, ()) for level in LEVELS}
    said = reader.parts(catalogue, "source", dict)
    if len(problems) > before:
        return None
    source = said if isinstance(said, dict) else {}
    return LevelPack(
        name=name,
        version=version,
        declared=reader.declared,
        exemptions=tuple(_exemptions(reader, catalogue)),
        profiles={level: _profile(name, version, level, chain, chains) for level, chain in chains.items()},
        origin=catalogue.at(),
        standard=str(source.get("standard", "")),
        verified=source.get("verified") is True,
    )


def _declared(reader: _Reader, catalogue: Document) -> Iterator[tuple[str, Declared]]:
    for name, said in reader.entries(catalogue, "parameters"):
        stricter = said.get("stricter")
        title = said.get("title")
        if stricter not in {"lower", "higher"} or not isinstance(title, dict) or not said.get("unit"):
            what = f"the parameter {name} lacks unit, stricter (lower or higher) or title"
            reader.problems.append(catalogue.problem(what, "complete it", "parameters", name))
            continue
        direction: Stricter = "lower" if stricter == "lower" else "higher"
        texts = Texts(str(title.get("vi", "")), str(title.get("en", "")))
        yield name, Declared(name, str(said["unit"]), direction, texts, catalogue.at("parameters", name))


def _exemptions(reader: _Reader, catalogue: Document) -> Iterator[Exemption]:
    for said in reader.parts(catalogue, "exemptions", list):  # type: ignore[attr-defined]  # it is a list
        keys = ("parameter", "reason", "document", "owner", "expires")
        if isinstance(said, dict) and said.get("level") in LEVELS and all(said.get(key) for key in keys):
            yield Exemption(level=said["level"], **{key: str(said[key]) for key in keys})
        else:
            what = "an exemption lacks parameter, level, reason, document, owner or expires"
            reader.problems.append(catalogue.problem(what, "complete it or remove it", "exemptions"))


def _chain(reader: _Reader, level: int, seen: tuple[int, ...]) -> tuple[Setting, ...]:
    """Every setting that leads to `level`, what is imported first."""
    stem = f"level-{level}"
    document = reader.documents.get(stem)
    if document is None or level in seen:
        what = f"{stem}.yml imports itself" if level in seen else f"there is no readable {stem}.yml"
        where = document or reader.documents["catalogue"]
        reader.problems.append(where.problem(what, "give every level from 1 to 5, importing lower ones", "import"))
        return ()
    pack, parent = imports(document)
    imported: tuple[Setting, ...] = ()
    if parent and parent not in _STEMS:
        reader.problems.append(document.problem(f"import of {parent!r}", "import level-1 to level-5", "import"))
    elif parent and pack and pack not in reader.others:
        what, remedy = f"import from {pack!r}, which is no pack", "name the folder of a level pack beside this one"
        reader.problems.append(document.problem(what, remedy, "import"))
    elif parent and pack:
        imported = reader.others[pack].profile(_STEMS[parent]).chain
    elif parent:
        imported = _chain(reader, _STEMS[parent], (*seen, level))
    return imported + tuple(_settings(reader, document, level))


def _settings(reader: _Reader, document: Document, level: int) -> Iterator[Setting]:
    for index, name in enumerate(reader.names(document, "include")):
        yield Setting(level, document.at("include", index), "include", name)
    for index, name in enumerate(reader.names(document, "exclude")):
        yield Setting(level, document.at("exclude", index), "exclude", name)
    said = reader.parts(document, "set", dict)
    for name, value in said.items() if isinstance(said, dict) else ():
        number = quantity(value)
        if name not in reader.declared:
            what, remedy = f"{name} is set and not declared", "declare it in catalogue.yml"
            reader.problems.append(document.problem(what, remedy, "set", name))
        elif not isinstance(number, float):
            what, remedy = f"{name} is set to {value!r}", "give a number or a time such as 5m"
            reader.problems.append(document.problem(what, remedy, "set", name))
        else:
            yield Setting(level, document.at("set", name), "set", name, number)


def _profile(
    pack: str, version: str, level: int, chain: tuple[Setting, ...], chains: Mapping[int, tuple[Setting, ...]]
) -> Profile:
    rules: set[str] = set()
    values: dict[str, float] = {}
    for setting in chain:
        if setting.what == "include":
            rules.add(setting.name)
        elif setting.what == "exclude":
            rules.discard(setting.name)
        elif setting.value is not None:
            values[setting.name] = setting.value
    mentioned = frozenset(each.name for other in chains.values() for each in other if each.what != "set")
    content = {"pack": pack, "version": version, "level": level, "rules": sorted(rules), "values": values}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return Profile(pack, version, level, frozenset(rules), mentioned, values, chain, digest)
