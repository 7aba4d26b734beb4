# SPDX-License-Identifier: Apache-2.0
"""Packages for Debian and Ubuntu: they bring what a bundle brings, and its install.sh does the rest. No root needed."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import bundle

DEBIAN: Final = bundle.PACKAGING / "deb"
ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
WORD: Final = re.compile(r"@([A-Z_]+)@")
SCRIPTS: Final = ("postinst", "prerm", "postrm")
WHAT: Final = {
    "agent": "watches this host and reports to the collector",
    "agent-extras": "watches this host, devices and packets, and reports",
    "collector": "receives, judges by protection level, raises alerts",
}


def pack(name: str, tree: Path, into: Path) -> Path:
    """Make the package of a laid out folder and return its file.

    Raises:
        NotBundledError: dpkg-deb is not here or refuses, or the machine is none that Debian has a name for here.
    """
    about, machine = bundle.about(tree), platform.machine()
    pythons = about["PYTHONS"].split()
    if machine not in ARCHITECTURES:
        raise bundle.NotBundledError(f"deb: no name of Debian's is known for {machine}")
    with tempfile.TemporaryDirectory() as made:
        stage = Path(made)
        shutil.copytree(tree, stage / "usr/share/giamsat" / about["MEMBER"])
        documents = stage / "usr/share/doc" / f"giamsat-{name}"
        documents.mkdir(parents=True)
        shutil.copy(DEBIAN / "copyright", documents)
        size = sum(path.stat().st_size for path in stage.rglob("*") if path.is_file())
        words = {
            "PACKAGE": f"giamsat-{name}",
            "MEMBER": about["MEMBER"],
            "WHAT": WHAT[name],
            "VERSION": ordered(about["VERSION"]),
            "ARCHITECTURE": ARCHITECTURES[machine],
            "KIB": str(size // 1024),
            "PYTHONS": " | ".join(f"python{python}" for python in pythons),
            "RELATIONS": _relations(name),
            "PLACES": (bundle.PACKAGING / "install" / "places.sh").read_text(encoding="utf-8"),
        }
        _control(stage / "DEBIAN", words, pythons)
        file = into / f"giamsat-{name}_{words['VERSION']}_{words['ARCHITECTURE']}.deb"
        into.mkdir(parents=True, exist_ok=True)
        command = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(stage), str(file)]
        run(command)
    return file


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


def _relations(name: str) -> str:
    others = ", ".join(rivals(name))
    return f"Conflicts: {others}\nReplaces: {others}\n" if others else ""


def _control(folder: Path, words: Mapping[str, str], pythons: list[str]) -> None:
    folder.mkdir()
    (folder / "control").write_text(filled(DEBIAN / "control", words), encoding="utf-8")
    for each in SCRIPTS:
        (folder / each).write_text(filled(DEBIAN / each, words), encoding="utf-8")
    watched = "".join(f"interest-noawait /usr/bin/python{python}\n" for python in pythons)
    (folder / "triggers").write_text(watched, encoding="utf-8")
    for path in (folder.parent, *folder.parent.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.name in SCRIPTS else 0o644)


def main() -> int:
    """Make the packages that are named, and say how large they are and what to compare them by."""
    words = bundle.asked(__doc__)
    for name in words.kinds:
        with tempfile.TemporaryDirectory() as made:
            bundle.tell(pack(name, bundle.laid_out(name, words.python, Path(made)), words.into))
    return 0


if __name__ == "__main__":
    sys.exit(main())
