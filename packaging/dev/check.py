# SPDX-License-Identifier: Apache-2.0
"""Every gate of this workspace but the tests, fast before slow, two at a time: no gate exists anywhere else.

One line per check with its seconds; a check that fails shows its tool's words. `--only NAME` runs some of them.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
DEV: Final = "packaging/dev"
AT_ONCE: Final = 2
NOTE: Final = "note: "
"""A tool's line that begins so is shown even when all is well."""
PACKAGES: Final = {
    "proto": "giamsat_wire",
    "rules": "giamsat_rules",
    "agent": "giamsat_agent",
    "collector": "giamsat_collector",
}


@dataclass(frozen=True, slots=True)
class Check:
    """A tool that ends with 0 when all is well."""

    name: str
    promise: str
    words: tuple[str, ...]
    folder: str = "."


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check ended."""

    check: Check
    code: int
    seconds: float
    output: str

    def __str__(self) -> str:
        """One line and the tool's notes when all is well, else all of the tool's words below it."""
        mark = "FAIL" if self.code else "ok  "
        head = f"{mark} {self.check.name:<16} {self.seconds:5.1f} s  {self.check.promise}"
        lines = self.output.rstrip().splitlines()
        return "\n".join([head, *(line for line in lines if self.code or line.startswith(NOTE))])


def python(*words: str) -> tuple[str, ...]:
    """A program of this environment, run by module or script."""
    return (sys.executable, *words)


def program(name: str) -> str:
    """A program that was installed into this environment."""
    return str(Path(sys.executable).with_name(name))


def checks() -> list[Check]:
    """All of them, fast before slow."""
    sources = [f"{member}/{package}" for member, package in PACKAGES.items()]
    stubs = python(f"{DEV}/venvs.py", "stubs", f"{DEV}/stubs.py", "--check")
    return [
        Check("tree", "length, licence line, names, mirrored tests, versions", python(f"{DEV}/check_tree.py")),
        Check("format", "every file as ruff would write it", python("-m", "ruff", "format", "--check", ".")),
        Check("lint", "every rule of ruff but those ignored with a reason", python("-m", "ruff", "check", ".")),
        Check("wire", "nothing that an older end would misread", python(f"{DEV}/compatibility.py")),
        Check("imports", "who may import whom", (program("lint-imports"), "--no-logo")),
        *(
            Check(
                f"needs {member}",
                "imports and declared needs agree",
                python("-m", "deptry", "--no-ansi", package),
                member,
            )
            for member, package in PACKAGES.items()
        ),
        Check("stubs", "committed stubs are what the generator makes", stubs),
        Check("locked", "no shipped rule changed without its version", (program("giamsat-rules"), "lock", "--check")),
        Check("units", "the services' exposure as systemd rates it", python(f"{DEV}/check_units.py")),
        Check("types", "mypy, strict", python("-m", "mypy", *sources, DEV, "tests/support")),
        Check("wheels", "each installs, imports and runs alone", python(f"{DEV}/alone.py")),
    ]


def carry_out(check: Check) -> Outcome:
    """Run one check to its end."""
    started = time.monotonic()
    done = subprocess.run(
        check.words,
        cwd=ROOT / check.folder,
        env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(check, done.returncode, time.monotonic() - started, done.stdout)


def chosen(names: Sequence[str]) -> list[Check]:
    """The named checks, or all of them."""
    every = checks()
    known = [check.name for check in every]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"check: no check is called {unknown[0]!r}; there are {', '.join(known)}")
    return [check for check in every if not names or check.name in names]


def main() -> int:
    """Run the checks; exit 1 if one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this check alone; may be repeated")
    due = chosen(parser.parse_args().only)
    started = time.monotonic()
    failed = []
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        for outcome in pool.map(carry_out, due):
            print(outcome, flush=True)
            failed += [outcome.check.name] if outcome.code else []
    print(f"check: {len(due) - len(failed)} of {len(due)} in {time.monotonic() - started:.0f} s", end="")
    print(f"; failed: {', '.join(failed)}" if failed else "")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
