# SPDX-License-Identifier: Apache-2.0
"""Files to rules, packs and cases, and back: the only module that touches the disk, besides the command line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import fsync
from pathlib import Path
from typing import Final

from giamsat_rules.case import CaseFile, read_cases
from giamsat_rules.document import TEXT_BYTES, Document, read
from giamsat_rules.errors import Origin, Problem, RefusedError, UnreadableError
from giamsat_rules.language import read_rule
from giamsat_rules.level import LevelPack, read_pack
from giamsat_rules.link import linked
from giamsat_rules.obligation import STEM, Obligation, read_obligations
from giamsat_rules.placeholder import Lists
from giamsat_rules.rule import Filter, Rule, RuleSet

CASES: Final = ".cases.yml"
LISTS: Final = "lists.yml"
FILES: Final = 10_000
"""The most files of one folder tree."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where rules and a level pack are."""

    detections: Path
    pack: Path


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


def rule_documents(path: Path) -> tuple[Document, ...]:
    """Every document under `path` that may be a rule, as far as they can be read."""
    return tuple(_documents(_rule_files(path), []))


def bundled(rules: Path, pack: Path) -> dict[str, str]:
    """The texts that go into a bundle: rules and their cases below `detections/`, the pack below `levels/`.

    Raises:
        UnreadableError: a folder does not exist, or a file is no text.
    """
    texts: dict[str, str] = {}
    for root, files, prefix in (
        (rules if rules.is_dir() else rules.parent, _files(rules), "detections"),
        (pack, sorted(pack.glob("*.yml")), f"levels/{pack.name}"),
    ):
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
                fsync(stream.fileno())
    except OSError as error:
        raise UnreadableError(f"{into}: {error.strerror}; name a folder that does not exist yet") from error
    return unbundled(into)


def unbundled(folder: Path) -> Folders:
    """The rules and the one pack in a folder that `unbundle` has written.

    Raises:
        UnreadableError: they are not there.
    """
    packs = sorted(folder.glob("levels/*/catalogue.yml"))
    if len(packs) != 1 or not (folder / "detections").is_dir():
        raise UnreadableError(f"{folder}: holds {len(packs)} level packs and needs rules and one; bundle it anew")
    return Folders(folder / "detections", packs[0].parent)


def load_documents(file: Path) -> tuple[Document, ...]:
    """The documents of one file, as far as they can be read."""
    return tuple(_documents([file], []))


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


def load_pack(folder: Path) -> LevelPack:
    """The level pack in `folder`: catalogue.yml and level-N.yml.

    Raises:
        UnreadableError: the folder or a file of it cannot be read.
        RefusedError: the pack holds problems; all of them are named.
    """
    problems: list[Problem] = []
    files = [folder / "catalogue.yml", *sorted(folder.glob("level-*.yml"))]
    documents = {document.file.stem: document for document in _documents(files, problems)}
    pack = read_pack(documents, problems) if "catalogue" in documents else None
    if pack is None or problems:
        missing = Problem(Origin(folder, 1), "there is no readable catalogue.yml", "give the folder of a level pack")
        raise RefusedError(tuple(problems) or (missing,))
    return pack


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
