# SPDX-License-Identifier: Apache-2.0
"""Rulebooks that were taken in, each in a numbered folder; the file `current` names the one in force.

    rules/current                 "7": the number; no file, or 0: the rules the configuration names
    rules/bundle.json             serial and digest of the newest signed bundle there ever was
    rules/7/about.json            where it came from, who took it in, when, and which number it followed
    rules/7/detections/…  rules/7/levels/PACK/…

A number is used once. What is written is durable before `current` names it.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from giamsat_collector.errors import RefusedError, StoreError
from giamsat_rules.errors import RulesError
from giamsat_rules.load import Folders, unbundle, unbundled
from giamsat_wire import durable

KEPT: Final = 5
"""So many stay, the one in force and those before it among them."""


@dataclass(frozen=True, slots=True)
class About:
    """Where a rulebook came from: `source` as the person named it, and the number that was in force before it."""

    number: int
    source: str
    actor: str
    taken_ns: int
    follows: int
    serial: int | None = None


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest signed bundle: an older one is refused, whatever is in force."""

    serial: int
    digest: str


class Shelf:
    """The folder of rulebooks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def current(self) -> int:
        """The number in force; 0 is what the configuration names."""
        try:
            return int((self._folder / "current").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def kept(self) -> tuple[About, ...]:
        """What is there, newest first."""
        return tuple(sorted(self._abouts(), key=lambda about: -about.number))

    def about(self, number: int) -> About | None:
        """What is known of a number; None when it is not there any more."""
        return next((about for about in self._abouts() if about.number == number), None)

    def folders(self, number: int) -> Folders:
        """Where the rules and the pack of a number are.

        Raises:
            RefusedError: they are not there.
        """
        try:
            return unbundled(self._folder / str(number))
        except RulesError as error:
            raise RefusedError(str(error)) from error

    def unused(self, above: int) -> int:
        """A number above this one that no rulebook here has."""
        return max([above, self.current, *(about.number for about in self._abouts())]) + 1

    def put(self, about: About, files: Mapping[str, str]) -> None:
        """Write a rulebook down; it is not in force yet.

        Raises:
            RefusedError: the files are no rulebook.
            StoreError: they cannot be written.
        """
        folder = self._folder / str(about.number)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            unbundle(files, folder)
        except RulesError as error:
            raise RefusedError(str(error)) from error
        self._write(folder / "about.json", json.dumps(asdict(about)))

    def discard(self, number: int) -> None:
        """Take away what was put and is not wanted."""
        shutil.rmtree(self._folder / str(number), ignore_errors=True)

    def choose(self, number: int, newest: Newest | None = None) -> None:
        """Name the number that is in force from now on, and let go of what is older than those that are kept.

        `newest`: the signed bundle it came in; from now on older ones are refused. It is remembered first: after a
        crash between the two the same bundle can be offered again.
        """
        if newest is not None:
            self._write(self._folder / "bundle.json", json.dumps(asdict(newest)))
        self._write(self._folder / "current", str(number))
        wanted = {about.number for about in self.kept()[:KEPT]} | {number}
        for about in self.kept():
            if about.number not in wanted:
                self.discard(about.number)

    @property
    def newest(self) -> Newest | None:
        """The newest signed bundle that was ever in force."""
        said = _json(self._folder / "bundle.json")
        try:
            return Newest(int(said["serial"]), str(said["digest"])) if said else None
        except (KeyError, ValueError, TypeError):
            return None

    def _abouts(self) -> Iterator[About]:
        for path in self._folder.glob("*/about.json"):
            said = _json(path)
            try:
                yield About(**said)
            except TypeError:
                continue

    def _write(self, path: Path, text: str) -> None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            durable.replace(path, text.encode())
        except OSError as error:
            raise StoreError(f"{path}: cannot be written: {error.strerror}; free space on its disk") from error


def _json(path: Path) -> dict[str, Any]:
    """What a file holds; nothing when it cannot be read."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
