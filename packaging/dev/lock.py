# SPDX-License-Identifier: Apache-2.0
"""Write packaging/locks/*.txt anew: every version with its hashes, for every platform, and no address.

`dev` is solved first and binds all others, so that what is tested is what is shipped. `stubs` stands apart: the
generator is pinned low on purpose.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
LOCKS: Final = Path("packaging/locks")
OWN: Final = {
    "proto": ("proto",),
    "rules": ("proto", "rules"),
    "agent": ("proto", "agent"),
    "collector": ("proto", "rules", "collector"),
}
"""The distributions whose dependencies a lock of that name holds: what installing that one alone brings along."""
EXTRAS: Final = {"dev", "run", "agent-extras"}
"""The locks that also hold what the extras bring; the agent's own lock is what a host gets that asks for none."""
MEMBERS: Final = ("proto", "rules", "agent", "collector")


def sources() -> dict[str, list[str]]:
    """For each lock the files it is solved from, in the order of solving."""
    every = [f"{member}/pyproject.toml" for member in MEMBERS]
    build, dev = str(LOCKS / "build.in"), str(LOCKS / "dev.in")
    alone = {name: [f"{member}/pyproject.toml" for member in members] for name, members in OWN.items()}
    return {
        "dev": [*every, build, dev],
        "run": [*every, build],
        **alone,
        "agent-extras": alone["agent"],
        "stubs": [str(LOCKS / "stubs.in")],
        "fuzz": [str(LOCKS / "fuzz.in")],
        "nfstream": [str(LOCKS / "nfstream.in")],
    }


def solve(name: str, files: list[str], *, upgrade: bool) -> None:
    """Solve one lock; what it already holds is kept unless `upgrade`."""
    words = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
    words += ["--no-annotate", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
    words += [word for member in MEMBERS for word in ("--no-emit-package", f"giamsat-{member}")]
    if name not in {"dev", "stubs"}:
        words += ["--constraint", str(LOCKS / "dev.txt")]
    if name in EXTRAS:
        words.append("--all-extras")
    if upgrade:
        words.append("--upgrade")
    print(f"lock: {name}", flush=True)
    subprocess.run([*words, "--output-file", str(LOCKS / f"{name}.txt"), *files], cwd=ROOT, check=True)


def main() -> int:
    """Solve every lock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that the pyprojects allow")
    arguments = parser.parse_args()
    if shutil.which("uv") is None:
        raise SystemExit("lock: uv is not on PATH; install it (pipx install uv) and run 'make lock' again")
    for name, files in sources().items():
        solve(name, files, upgrade=arguments.upgrade)
    return 0


if __name__ == "__main__":
    sys.exit(main())
