# SPDX-License-Identifier: Apache-2.0
"""Rules that somebody offers: a folder, or a signed bundle, opened to be tried before the collector takes them."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from giamsat_collector.config import Config
from giamsat_collector.errors import RefusedError
from giamsat_rules.bundle import BYTES, MAGIC, Trust, believed
from giamsat_rules.case import failures
from giamsat_rules.check import Book, found
from giamsat_rules.checks import ALL
from giamsat_rules.errors import RulesError
from giamsat_rules.key import public_key
from giamsat_rules.load import Folders, bundled, load_cases, load_rules, load_standards, unbundle
from giamsat_wire.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Offer:
    """Rules and a pack as they lie here, and how the running collector is asked to take them."""

    folders: Folders
    command: str
    arguments: Mapping[str, Any]


@contextmanager
def offered(path: Path, pack: Path | None, config: Config, in_force: Folders) -> Iterator[Offer]:
    """What is at `path`; a folder without a pack of its own stands on the one in force.

    Raises:
        RefusedError: it is no folder of rules, or a bundle that must not be believed.
    """
    try:
        if path.is_dir():
            folders = Folders(path, pack or in_force.pack)
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


def complaints(folders: Folders) -> tuple[str, ...]:
    """Everything that rules, their cases and the pack get wrong, with file and line; nothing when all is well."""
    rules, standards = load_rules(folders.detections), load_standards(folders)
    pack, others = standards.default, tuple(standards.packs.values())[1:]
    cases, unread = load_cases(folders.detections)
    today = datetime.fromtimestamp(SystemClock().wall_ns() / 10**9, UTC).date()
    checked = [problem for _, problem in found(Book(rules, cases, pack, today, others), ALL)]
    return (*map(str, (*rules.problems, *unread, *checked)), *failures(rules, pack, cases))
