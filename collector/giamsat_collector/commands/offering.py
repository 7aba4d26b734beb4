# SPDX-License-Identifier: Apache-2.0
"""Rules that somebody offers: a folder, or a signed bundle, opened to be tried before the collector takes them."""

import tempfile
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from giamsat_collector.config import Config
from giamsat_collector.errors import RefusedError
from giamsat_collector.rulebook.rulebook import strangers
from giamsat_rules.bundle import BYTES, MAGIC, Trust, believed
from giamsat_rules.case import failures, strays
from giamsat_rules.check import Book, Check, found
from giamsat_rules.checks import ALL, spent_override
from giamsat_rules.errors import RulesError
from giamsat_rules.key import public_key
from giamsat_rules.library import open_library
from giamsat_rules.load import Folders, bundled, load_cases, unbundle
from giamsat_rules.override import Scope
from giamsat_wire.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gives in place of what is in force: rules or a bundle, a pack, overrides; None leaves it alone."""

    rules: Path | None = None
    pack: Path | None = None
    overrides: Path | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Rules and a pack as they lie here, and how the running collector is asked to take them."""

    folders: Folders
    command: str
    arguments: Mapping[str, Any]


def in_force(said: Mapping[str, Any]) -> Folders:
    """Where the rules in force lie, by what the collector shows of them."""
    overrides = Path(said["overrides"]) if said["overrides"] else None
    return Folders(Path(said["detections"]), Path(said["levels"]), overrides)


@contextmanager
def offered(given: Given, config: Config, now: Folders) -> Iterator[Offer]:
    """What is given; what it leaves out is taken from what is in force now.

    Raises:
        RefusedError: it is no folder of rules, or a bundle that must not be believed.
    """
    path = given.rules or now.detections
    try:
        if path.is_dir():
            if next(path.rglob("*.y*ml"), None) is None:
                raise RefusedError(f"{path}: no rule stands in this folder; give a folder of rules or a bundle")
            folders = Folders(path, given.pack or now.pack, given.overrides or now.overrides)
            yield Offer(folders, "rules.use", {"files": bundled(folders)})
            return
        with path.open("rb") as stream:
            text = stream.read(BYTES + 1)
        if not text.startswith(MAGIC):
            raise RefusedError(f"{path}: neither a folder of rules nor a bundle; 'giamsat-rules bundle make' makes one")
        keys = [public_key(Path(key)) for key in config.rules.keys]
        if not keys:
            raise RefusedError("no key is trusted; name the signers' public keys in [rules] keys of collector.toml")
        bundle = believed(text, Trust(keys, config.rules.threshold, config.rules.audience))
        with tempfile.TemporaryDirectory() as folder:
            folders = unbundle(bundle.files, Path(folder) / "bundle")
            yield Offer(folders, "rules.use_bundle", {"bundle": text.decode("latin-1")})
    except OSError as error:
        raise RefusedError(f"{path}: cannot be read: {error.strerror}; give a folder of rules or a bundle") from error
    except RulesError as error:
        raise RefusedError(str(error)) from error


def complaints(folders: Folders, now: Folders, known: Mapping[Scope, Container[str]]) -> tuple[str, ...]:
    """Everything that rules, their cases, packs and overrides get wrong, with file and line; nothing when all is well.

    `known` says who is registered. What is in force `now` was looked at when it came.
    """
    library = open_library(folders)
    fresh = library.standards.overrides if folders.overrides != now.overrides else ()
    problems = list(library.refused)
    checks: tuple[Check, ...] = (spent_override.find,)
    failed: tuple[str, ...] = ()
    rules, (pack, *others) = library.rules, library.standards.packs.values()
    cases, unread = load_cases(folders.detections)
    today = datetime.fromtimestamp(SystemClock().wall_ns() / 10**9, UTC).date()
    book = Book(rules, cases, pack, today, tuple(others), fresh)
    if (folders.detections, folders.pack) != (now.detections, now.pack):
        checks, failed = ALL, (*strays(rules, cases), *failures(rules, pack, cases))
        problems = [*rules.problems, *unread, *problems]
    problems += found(book, checks)
    return (*map(str, problems), *strangers(fresh, known), *failed)
