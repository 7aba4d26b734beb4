# SPDX-License-Identifier: Apache-2.0
"""Build the wheels of the four distributions into a folder; as a command, into the one that is named."""

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
MEMBERS: Final = ("proto", "rules", "agent", "collector")


class WheelRefused(SystemExit):
    """A distribution cannot be built; the message says which, and holds the builder's words."""


def build(into: Path) -> dict[str, Path]:
    """Build every distribution and return its wheel by the name of its folder; older wheels are removed first.

    Raises:
        WheelRefused: the builder ended with an error.
    """
    into.mkdir(parents=True, exist_ok=True)
    for old in into.glob("giamsat_*.whl"):
        old.unlink()
    for member in MEMBERS:
        words = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(into.resolve())]
        built = subprocess.run(words, cwd=ROOT / member, capture_output=True, text=True, check=False)
        if built.returncode != 0:
            raise WheelRefused(f"{member} cannot be built:\n{built.stdout}{built.stderr}")
    return {member: next(into.glob(f"giamsat_{member}-*.whl")) for member in MEMBERS}


def main() -> int:
    """Build, and say where the wheels are."""
    for wheel in build(Path(sys.argv[1])).values():
        print(f"{wheel}  {wheel.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
