# SPDX-License-Identifier: Apache-2.0
"""Files to rules, packs and cases, and back. Only this touches the disk, `key` for keys, and the command line."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from giamsat_rules.case import CaseFile, read_cases
from giamsat_rules.document import TEXT_BYTES, Document, read
from giamsat_rules.errors import Origin, Problem, RefusedError, UnreadableError
from giamsat_rules.language.link import linked
from giamsat_rules.language.placeholder import Lists
from giamsat_rules.language.sigma import read_rule
from giamsat_rules.level import LevelPack, imports, read_pack
from giamsat_rules.obligation import STEM, Obligation, read_obligations
from giamsat_rules.rule import Filter, Rule, RuleSet
from giamsat_rules.standards import Standards

CASES: Final = ".cases.yml"
LISTS: Final = "lists.yml"
CATALOGUE: Final = "catalogue.yml"
DEFAULT: Final = "levels/default.yml"
"""In a bundle of several packs: which of them judges by default, as `pack: NAME`."""
FILES: Final = 10_000
"""The most files of one folder tree."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""What the folder of a level pack may be called to be imported from."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where rules and level packs are: the pack that judges by default, and those in the folders beside it.

    `overrides` is a file or folder of them, None without.
    """

    detections: Path
    pack: Path
    overrides: Path | None = None

    @property
    def packs(self) -> tuple[Path, ...]:
        """The folder of every pack, that of the default one first."""
        beside = sorted(file.parent for file in self.pack.parent.glob(f"*/{CATALOGUE}"))
        return (self.pack, *(folder for folder in beside if folder.name != self.pack.name))


def shipped() -> Folders:
    """The shipped folders: inside the installed package, or beside it in a source checkout.

    Raises:
        UnreadableError: neither is there.
    """
    package = Path(__file__).resolve().parent
    for root in (package, package.parent):
        if (root / "detections").is_dir() and (root / "levels").is_dir():
            return Folders(root / "detections", root / "levels" / "tcvn11930-2017")
    raise UnreadableError(f"{package}: the shipped rules are missing; install giamsat-rules again")


def load_rules(path: Path) -> RuleSet:
    """Every rule in the file or folder tree `path`; a document with a problem is left out, the rest goes on.

    Raises:
        UnreadableError: `path` does not exist.
    """
    rules: dict[str, Rule] = {}
    filters: list[Filter] = []
    problems: list[Problem] = []
    lists = load_lists(path, problems)
    for document in _documents(_rule_files(path), problems):
        reading = read_rule(document, lists)
        problems += reading.problems
        if reading.filter is not None:
            filters.append(reading.filter)
        if reading.rule is None:
            continue
        earlier = rules.setdefault(reading.rule.header.name, reading.rule)
        if earlier is not reading.rule:
            what = f"the name {reading.rule.header.name!r} is taken by {earlier.header.origin}"
            problems.append(document.problem(what, "give this rule another name", "name"))
    return RuleSet(linked(rules, filters, problems), tuple(problems), tuple(filters))


def load_lists(path: Path, problems: list[Problem]) -> Lists:
    """The lists of texts in `lists.yml` of the folder `path`, which fill placeholders such as %admins%."""
    lists: dict[str, tuple[str, ...]] = {}
    file = path / LISTS
    for document in _documents([file], problems) if file.is_file() else ():
        for name, said in document.value.items():
            if isinstance(said, list) and all(isinstance(each, str | int) for each in said):
                lists[name] = tuple(map(str, said))
            else:
                problems.append(document.problem(f"{name} is not a list of texts", f"write {name}: [a, b]", name))
    return lists


def bundled(folders: Folders) -> dict[str, str]:
    """The texts that go into a bundle: rules and their cases below `detections/`, packs below `levels/`, `overrides/`.

    Raises:
        UnreadableError: a folder does not exist, or a file is no text.
    """
    rules, packs = folders.detections, folders.packs
    parts = [(rules if rules.is_dir() else rules.parent, _files(rules), "detections")]
    parts += [(pack, sorted(pack.glob("*.yml")), f"levels/{pack.name}") for pack in packs]
    if over := folders.overrides:
        parts.append((over if over.is_dir() else over.parent, _files(over), "overrides"))
    texts: dict[str, str] = {DEFAULT: f"pack: {folders.pack.name}\n"} if len(packs) > 1 else {}
    for root, files, prefix in parts:
        for file in files:
            try:
                texts[f"{prefix}/{file.relative_to(root).as_posix()}"] = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise UnreadableError(f"{file}: cannot be read as text ({error}); leave it out") from error
    return texts


def unbundle(files: Mapping[str, str], into: Path) -> Folders:
    """Write the texts of a bundle below a folder that does not exist yet, durably.

    Raises:
        UnreadableError: the folder is there already, cannot be written, or what is in it is not one pack and rules.
    """
    try:
        into.mkdir(parents=True, mode=0o700)
        for name, text in files.items():
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("x", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
    except OSError as error:
        raise UnreadableError(f"{into}: {error.strerror}; name a folder that does not exist yet") from error
    return unbundled(into)


def unbundled(folder: Path) -> Folders:
    """The rules and the packs in a folder that `unbundle` has written.

    Raises:
        UnreadableError: they are not there, or none of several packs judges by default.
    """
    packs = {file.parent.name: file.parent for file in folder.glob(f"levels/*/{CATALOGUE}")}
    if not packs or not (folder / "detections").is_dir():
        raise UnreadableError(f"{folder}: holds {len(packs)} level packs and needs rules and one; bundle it anew")
    said = next(iter(load_documents(folder / DEFAULT)), None)
    default = str(said.value.get("pack")) if said else min(packs)
    if default not in packs or (said is None and len(packs) > 1):
        raise UnreadableError(f"{folder / DEFAULT}: names none of {', '.join(sorted(packs))}; bundle it anew")
    overrides = folder / "overrides"
    return Folders(folder / "detections", packs[default], overrides if overrides.is_dir() else None)


def load_documents(file: Path) -> tuple[Document, ...]:
    """The documents of one file, as far as they can be read."""
    return tuple(_documents([file], []))


def override_documents(path: Path, problems: list[Problem]) -> Iterable[Document]:
    """Every document of a file or folder of overrides; what cannot be read is added to `problems`.

    Raises:
        UnreadableError: `path` does not exist.
    """
    return _documents(_files(path), problems)


def load_obligations(folder: Path) -> tuple[Obligation, ...]:
    """What systems owe at each level, from obligations.yml of a level pack.

    Raises:
        UnreadableError: the file cannot be read.
        RefusedError: it holds problems; all of them are named.
    """
    problems: list[Problem] = []
    found: tuple[Obligation, ...] = ()
    for document in _documents([folder / f"{STEM}.yml"], problems):
        found += read_obligations(document, problems)
    if problems:
        raise RefusedError(tuple(problems))
    return found


def load_pack(folder: Path, importing: tuple[str, ...] = ()) -> LevelPack:
    """The level pack in `folder`: catalogue.yml and level-N.yml, and what it imports from packs beside it.

    `importing` are the folders of packs that are being read and must not be imported again.

    Raises:
        UnreadableError: the folder or a file of it cannot be read.
        RefusedError: the pack holds problems; all of them are named.
    """
    problems: list[Problem] = []
    files = [folder / CATALOGUE, *sorted(folder.glob("level-*.yml"))]
    documents = {document.file.stem: document for document in _documents(files, problems)}
    seen = (*importing, folder.name)
    wanted = {imports(document)[0] for stem, document in documents.items() if stem != "catalogue"}
    beside = {each: folder.parent / each for each in wanted if _NAME.fullmatch(each) and each not in seen}
    others = {each: load_pack(path, seen) for each, path in beside.items() if (path / CATALOGUE).is_file()}
    pack = read_pack(documents, problems, others) if "catalogue" in documents else None
    if pack is None or problems:
        missing = Problem(Origin(folder, 1), "there is no readable catalogue.yml", "give the folder of a level pack")
        each_once = tuple(dict.fromkeys(problems))  # a level's fault is met again by every level that imports it
        raise RefusedError(each_once or (missing,))
    return pack


def load_standards(folders: Folders) -> Standards:
    """Every level pack, the default one first.

    Raises:
        UnreadableError: a folder or a file cannot be read.
        RefusedError: a pack holds problems, or two bear one name.
    """
    default, *others = (load_pack(folder) for folder in folders.packs)
    taken = {default.name: default}
    for pack in others:
        if taken.setdefault(pack.name, pack) is not pack:
            what = f"the name {pack.name!r} is taken by {taken[pack.name].origin}"
            raise RefusedError((Problem(pack.origin, what, "move one of the two folders elsewhere"),))
    return Standards(default, others)


def load_cases(path: Path) -> tuple[tuple[CaseFile, ...], tuple[Problem, ...]]:
    """The cases beside the rules under `path`, and what was wrong with them.

    Raises:
        UnreadableError: `path` does not exist.
    """
    problems: list[Problem] = []
    files = [file for file in _files(path) if file.name.endswith(CASES)]
    return tuple(read_cases(document, problems) for document in _documents(files, problems)), tuple(problems)


def _rule_files(path: Path) -> list[Path]:
    return [file for file in _files(path) if not file.name.endswith(CASES) and file.name != LISTS]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        beside = path.with_name(path.stem + CASES)
        return [path, *([beside] if beside.is_file() else [])]
    if not path.is_dir():
        raise UnreadableError(f"{path}: no such file or folder; give a rule file or a folder of rules")
    found = sorted(file for file in path.rglob("*") if file.suffix in {".yml", ".yaml"} and file.is_file())
    if len(found) > FILES:
        raise UnreadableError(f"{path}: {len(found)} files, more than {FILES}; give a folder that holds only rules")
    return found


def _documents(files: Iterable[Path], problems: list[Problem]) -> Iterable[Document]:
    for file in files:
        try:
            with file.open("rb") as stream:
                text = stream.read(TEXT_BYTES + 1)
        except OSError as error:
            reason = error.strerror or str(error)
            problems.append(Problem(Origin(file, 1), f"cannot be read: {reason}", "check the path and permissions"))
            continue
        documents, found = read(text, file)
        problems += found
        yield from documents
