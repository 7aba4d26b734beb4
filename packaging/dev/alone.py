# SPDX-License-Identifier: Apache-2.0
"""Install each wheel as a user gets it: alone, with what its own lock lists, then import every module and ask for help.

What only works because another distribution lies beside it in the work tree fails here.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import lock
import venvs
import wheels

ALONE: Final = venvs.BUILD / "alone"
PACKAGES: Final = {
    "proto": ("giamsat_wire", "giamsat.v1"),
    "rules": ("giamsat_rules",),
    "agent": ("giamsat_agent",),
    "collector": ("giamsat_collector",),
}
COMMANDS: Final = ("rules", "agent", "collector")
AGENT_BYTES: Final = 80_000_000
"""What an agent may take on a host's disk, byte code not counted; zstandard, grpc and cryptography are 56 MB of it."""
IMPORT_ALL: Final = """
import importlib, pkgutil, sys
optional = set(sys.argv[1].split(","))
for name in sys.argv[2:]:
    package = importlib.import_module(name)
    for found in pkgutil.walk_packages(package.__path__, name + "."):
        if not found.name.endswith("__main__"):
            if ".migrations." not in found.name:  # those are alembic's to run
                try:
                    importlib.import_module(found.name)
                except ModuleNotFoundError as error:
                    if error.name not in optional:
                        raise
"""
OPTIONAL: Final = ("gufo", "numpy", "pysnmp", "yaml")
"""Modules that the agent's extras bring: without them everything else of it must import, with them all of it."""


class NotAloneError(Exception):
    """A wheel does not stand alone; the message says how it failed."""


def ran(what: str, *words: str | Path, **environment: str) -> None:
    """Run a program away from the work tree, with these variables beside those there are.

    Raises:
        NotAloneError: it ended with an error.
    """
    env = {**os.environ, **environment}
    done = subprocess.run(words, cwd=venvs.BUILD, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotAloneError(f"{what}: exit code {done.returncode}\n{done.stdout}{done.stderr}")


def installed_bytes(python: Path) -> int:
    """What an environment's packages take on disk, byte code not counted."""
    folder = next(python.parents[1].glob("lib/python*/site-packages"))
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def prove(member: str, built: dict[str, Path]) -> str:
    """Install one distribution alone and use it; returns what to say about it.

    Raises:
        NotAloneError: it does not work alone, or takes too much room.
    """
    python = venvs.prepared(member, folder=ALONE / member)
    own = [str(built[name]) for name in lock.OWN[member]]
    venvs.install(python, "--no-index", "--no-deps", "--force-reinstall", *own)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    ran(f"giamsat-{member}: its lock does not hold what it asks for", *pip, "check")
    size = installed_bytes(python)
    missing = f"giamsat-{member}: not every module can be imported"
    optional = OPTIONAL if member == "agent" else ()
    ran(missing, python, "-I", "-c", IMPORT_ALL, ",".join(optional), *PACKAGES[member])
    if member == "agent":
        everything = venvs.prepared("agent-extras", folder=ALONE / "agent-extras")
        venvs.install(everything, "--no-index", "--no-deps", "--force-reinstall", *own)
        ran(f"{missing} with every extra", everything, "-I", "-c", IMPORT_ALL, "", *PACKAGES[member])
    if member in COMMANDS:
        ran(f"giamsat-{member} --help", python.with_name(f"giamsat-{member}"), "--help")
    if member == "agent" and size > AGENT_BYTES:
        raise NotAloneError(f"giamsat-agent takes {size / 1e6:.0f} MB installed, at most {AGENT_BYTES / 1e6:.0f} MB")
    limit = f" of at most {AGENT_BYTES / 1e6:.0f}" if member == "agent" else ""
    return f"note: giamsat-{member} takes {size / 1e6:.0f}{limit} MB installed"


def main() -> int:
    """Prove every distribution; exit 1 if one does not stand alone."""
    built = wheels.build(venvs.BUILD / "wheels")
    ALONE.mkdir(parents=True, exist_ok=True)
    failed = False
    with ThreadPoolExecutor(max_workers=2) as pool:
        proofs = {member: pool.submit(prove, member, built) for member in wheels.MEMBERS}
        for member, proof in proofs.items():
            try:
                print(proof.result())
            except (NotAloneError, venvs.InstallFailed) as error:
                failed = True
                print(f"{member}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
