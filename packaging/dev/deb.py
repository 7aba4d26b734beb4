# SPDX-License-Identifier: Apache-2.0
"""Packages for Debian and Ubuntu: they bring what a bundle brings, and its install.sh does the rest. No root needed."""

import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import bundle
import packages

DEBIAN: Final = bundle.PACKAGING / "deb"
ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
SCRIPTS: Final = ("postinst", "prerm", "postrm")


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
            "WHAT": packages.WHAT[name],
            "VERSION": packages.ordered(about["VERSION"]),
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
        packages.run(command)
    return file


def _relations(name: str) -> str:
    others = ", ".join(packages.rivals(name))
    return f"Conflicts: {others}\nReplaces: {others}\n" if others else ""


def _control(folder: Path, words: Mapping[str, str], pythons: list[str]) -> None:
    folder.mkdir()
    (folder / "control").write_text(packages.filled(DEBIAN / "control", words), encoding="utf-8")
    for each in SCRIPTS:
        (folder / each).write_text(packages.filled(DEBIAN / each, words), encoding="utf-8")
    watched = "".join(f"interest-noawait /usr/bin/python{python}\n" for python in pythons)
    (folder / "triggers").write_text(watched, encoding="utf-8")
    for path in (folder.parent, *folder.parent.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.name in SCRIPTS else 0o644)


if __name__ == "__main__":
    sys.exit(packages.main(__doc__, pack))
