# SPDX-License-Identifier: Apache-2.0
"""What the packages of every system have in common: their words, their versions, and how they are made and told of."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import bundle

WORD: Final = re.compile(r"@([A-Z_]+)@")
WHAT: Final = {
    "agent": "watches this host and reports to the collector",
    "agent-extras": "watches this host, devices and packets, and reports",
    "collector": "receives, judges by protection level, raises alerts",
}


def ordered(release: str) -> str:
    """A version of Python's as packages order it: what comes before a release sorts before it."""
    return re.sub(r"(?<=\d)\.?(a|b|rc|dev)(?=\d)", r"~\1", release)


def filled(path: Path, words: Mapping[str, str]) -> str:
    """The text of a file with every @WORD@ replaced.

    Raises:
        KeyError: it names a word that is not given.
    """
    return WORD.sub(lambda found: words[found[1]], path.read_text(encoding="utf-8"))


def rivals(name: str) -> list[str]:
    """Packages of which a host has this one or another: they install the same member."""
    return [
        f"giamsat-{other}"
        for other, kind in bundle.KINDS.items()
        if other != name and kind.member == bundle.KINDS[name].member
    ]


def run(command: list[str]) -> None:
    """Run a packager of the system, for equal bytes from equal sources.

    Raises:
        NotBundledError: it is not here, or it refuses.
    """
    env = {**os.environ, "SOURCE_DATE_EPOCH": str(bundle.made_at()), "LC_ALL": "C.UTF-8"}
    if shutil.which(command[0]) is None:
        raise bundle.NotBundledError(f"{command[0]} is not here: apt install dpkg rpm, dnf install dpkg rpm-build")
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise bundle.NotBundledError(f"{command[0]}:\n{done.stdout}{done.stderr}")


def main(description: str | None, pack: Callable[[str, Path, Path], Path]) -> int:
    """Make the packages that are named, and say how large they are and what to compare them by."""
    words = bundle.asked(description)
    for name in words.kinds:
        with tempfile.TemporaryDirectory() as made:
            bundle.tell(pack(name, bundle.laid_out(name, words.python, Path(made)), words.into))
    return 0
