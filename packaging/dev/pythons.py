# SPDX-License-Identifier: Apache-2.0
"""What runs with this Python, tried with every other one of this machine that may run it: 3.11 or later, released.

With each of them the lock of what the product needs is installed, every module is imported and every command asked for
help. `make test PYTHON=python3.13` is the whole proof; this is what can be had in a minute.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import alone
import bundle
import venvs

OLDEST: Final = 11
NEWEST: Final = 19
SOURCES: Final = ("proto", "proto/gen", "rules", "agent", "collector")
HELP_ALL: Final = """
for name in ("agent", "collector", "rules"):
    sys.argv = ["giamsat-" + name, "--help"]
    try:
        importlib.import_module("giamsat_" + name + ".cli").main()
    except SystemExit as end:
        if end.code:
            raise
"""
ASK: Final = "import sys, venv; v = sys.version_info; print(v.releaselevel, '%d.%d' % v[:2])"


def places() -> list[Path]:
    """Where Pythons are looked for: on PATH, and where pyenv keeps those it has made."""
    return [*map(Path, os.get_exec_path()), *sorted(Path.home().glob(".pyenv/versions/3.*/bin"))]


def found(places: Iterable[Path]) -> dict[str, Path]:
    """By version, the first Python that runs, is released, and is not of the version of this one."""
    here = f"3.{sys.version_info.minor}"
    names = [name for name in (f"3.{minor}" for minor in range(OLDEST, NEWEST + 1)) if name != here]
    pythons: dict[str, Path] = {}
    for place in places:
        for name in names:
            python = place / f"python{name}"
            if name not in pythons and python.exists() and _says(python) == f"final {name}":
                pythons[name] = python
    return dict(sorted(pythons.items(), key=lambda one: names.index(one[0])))


def tried(version: str, python: Path) -> str:
    """Install, import and ask for help with one Python; returns what to say about it.

    Raises:
        NotAloneError: something of it does not work.
        InstallFailed: the lock holds nothing that this Python can install.
    """
    made = venvs.prepared("run", folder=venvs.BUILD / f"python{version}", python=python)
    search = {"PYTHONPATH": os.pathsep.join(str(venvs.ROOT / source) for source in SOURCES)}
    packages = [name for member in alone.PACKAGES.values() for name in member]
    use = alone.IMPORT_ALL + HELP_ALL
    alone.ran(f"Python {version}: not every module", made, "-c", use, "", *packages, **search)
    return f"note: also works with Python {version}: {python}"


def missing(pythons: Iterable[str]) -> list[str]:
    """What to say of the Pythons that bundles are made for and that were not tried, this one's version apart."""
    here = f"3.{sys.version_info.minor}"
    return [
        f"note: not tried with Python {version}: no python{version} on PATH or among those of pyenv"
        for version in sorted(set(bundle.PYTHONS) - {here, *pythons})
    ]


def _says(python: Path) -> str:
    """Its release level and version; nothing of one that does not run, as a shim without a Python behind it."""
    try:
        return subprocess.run([python, "-IS", "-c", ASK], capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def main() -> int:
    """Try every other Python; exit 1 if one does not do."""
    pythons, failed = found(places()), False
    with ThreadPoolExecutor(max_workers=2) as pool:
        trials = [pool.submit(tried, *one) for one in pythons.items()]
        for trial in trials:
            try:
                print(trial.result())
            except (alone.NotAloneError, venvs.InstallFailed) as error:
                failed = True
                print(error)
    for note in missing(pythons):
        print(note)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
