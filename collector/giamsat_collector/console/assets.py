# SPDX-License-Identifier: Apache-2.0
"""The files a browser gets as they are. Their address holds a hash of all of them, so it may keep them for ever."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    body: bytes
    media_type: str


class Assets:
    """Every file below static/ that a browser may ask for, held in memory: about 80 KB."""

    def __init__(self) -> None:
        folder = resources.files("giamsat_collector.console").joinpath("static")
        self._files = {
            path: Asset(file.read_bytes(), TYPES[path.rpartition(".")[2]])
            for path, file in sorted(_below(folder, ""), key=lambda pair: pair[0])
        }
        together = hashlib.sha256()
        for path, asset in self._files.items():
            together.update(f"{path}\0{len(asset.body)}\0".encode() + asset.body)
        self.edition: Final = together.hexdigest()[:12]

    def address(self, path: str) -> str:
        """Where a page finds a file.

        Raises:
            KeyError: there is no such file; a template names it wrongly.
        """
        _ = self._files[path]
        return f"/static/{self.edition}/{path}"

    def find(self, edition: str, path: str) -> Asset | None:
        """The file at an address; None for one that is not, or no longer, there."""
        return self._files.get(path) if edition == self.edition else None


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _below(entry, f"{prefix}{entry.name}/")
        elif entry.name.rpartition(".")[2] in TYPES:
            yield prefix + entry.name, entry
