# SPDX-License-Identifier: Apache-2.0
"""Environments of one purpose below .build: made from a hashed lock, kept until the lock or Python changes.

As a command: run a script in the environment of a lock, `venvs.py stubs packaging/dev/stubs.py --check`.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
LOCKS: Final = ROOT / "packaging" / "locks"
BUILD: Final = ROOT / ".build"


class InstallFailed(SystemExit):
    """pip refused; the message holds its words."""


def install(python: Path, *words: str) -> None:
    """Run `pip install` of .venv on another environment, which then needs no pip of its own.

    Raises:
        InstallFailed: pip ended with an error.
    """
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "--quiet", "install"]
    done = subprocess.run([*pip, "--no-compile", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise InstallFailed(
            f"{done.stdout}{done.stderr}pip could not install {' '.join(words)} into {python.parents[1]}"
        )


def prepared(lock: str, *, folder: Path, python: Path = Path(sys.executable)) -> Path:
    """The Python of an environment in `folder` that holds exactly what packaging/locks/<lock>.txt lists.

    It is made with `python`.
    """
    source = LOCKS / f"{lock}.txt"
    made, stamp = folder / "bin" / "python", folder / "lock.stamp"
    version = subprocess.run([python, "-IS", "-c", "import sys; print(sys.version)"], capture_output=True, check=True)
    wanted = hashlib.sha256(version.stdout + f"{python}\n{folder}\n".encode() + source.read_bytes()).hexdigest()
    if made.exists() and stamp.is_file() and stamp.read_text() == wanted:
        return made
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    install(made, "--require-hashes", "--no-deps", "-r", str(source))
    stamp.write_text(wanted)
    return made


def main() -> int:
    """Run a script in the environment of a lock."""
    lock, *words = sys.argv[1:]
    return subprocess.run([prepared(lock, folder=BUILD / lock), *words], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
