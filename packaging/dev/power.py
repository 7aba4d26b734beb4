# SPDX-License-Identifier: Apache-2.0
"""Disks that lose power: a real ext4 on a block device whose bytes of one moment are all that is left. Needs root.

The device is a file on an XFS, which can clone a file in one step. What the kernel had not yet written to the device
when the power failed is gone; what was synchronised is there; the file system is mounted as after a real power cut.
"""

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

BEHIND: Final = "2G"
"""The XFS: at least 300 MB, and room for a disk and its clone for each end. Both are files that are hardly filled."""
SIZE: Final = "512M"


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system at `place`, whose device is the file `image`."""

    image: Path
    place: Path

    def make(self) -> None:
        """A new one, mounted."""
        _run("truncate", "-s", SIZE, self.image)
        _run("mkfs.ext4", "-q", self.image)
        self.place.mkdir(exist_ok=True)
        _run("mount", "-o", "loop", self.image, self.place)

    def cut(self) -> None:
        """The power fails and comes back. Nobody may be writing: a process that had not ended would have lived on."""
        left = self.image.with_suffix(".left")
        _run("cp", "--reflink=always", self.image, left)
        _run("umount", "--lazy", self.place)
        left.replace(self.image)
        _run("mount", "-o", "loop", self.image, self.place)


@contextlib.contextmanager
def disks(folder: Path, *places: Path) -> Iterator[tuple[Disk, ...]]:
    """A disk at each place while the context lasts; what they are made of lies in `folder`."""
    behind, mounted = folder / "behind.img", folder / "behind"
    mounted.mkdir()
    _run("truncate", "-s", BEHIND, behind)
    _run("mkfs.xfs", "-q", "-m", "reflink=1", behind)
    _run("mount", "-o", "loop", behind, mounted)
    made = tuple(Disk(mounted / f"{place.name}.img", place) for place in places)
    try:
        for disk in made:
            disk.make()
        yield made
    finally:
        for place in (*places, mounted):
            subprocess.run(["umount", "--lazy", place], check=False, stderr=subprocess.DEVNULL)


def _run(*words: str | Path) -> None:
    subprocess.run(words, check=True)
