# SPDX-License-Identifier: Apache-2.0
"""The real programs our tests run against: where they are, and on Debian and Ubuntu as root, how they get there.

As a command: install the peers that are missing, all or those named; say what is missing where that is not possible.
Missing peers are no failure here: the tests that need them say so.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

LIST: Final = Path(__file__).with_name("peers.toml")
HIDDEN: Final = ("/usr/sbin", "/sbin", "/usr/lib/chromium", "/usr/lib/systemd")
POLICY: Final = Path("/usr/sbin/policy-rc.d")
SYSTEMD: Final = Path("/run/systemd/system")


@dataclass(frozen=True, slots=True)
class Peer:
    """A program of others that a group of tests needs."""

    name: str
    programs: tuple[str, ...]
    packages: tuple[str, ...]
    serves: str
    services: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def path(self) -> Path | None:
        """Where the first of its programs or files is, or None."""
        places = os.pathsep.join((os.environ.get("PATH", os.defpath), *HIDDEN))
        found = (shutil.which(program, path=places) for program in self.programs)
        there = (path for pattern in self.files for path in sorted(Path("/").glob(pattern.lstrip("/"))))
        return next((Path(path) for path in (*found, *there) if path), None)


@cache
def listed() -> Mapping[str, Peer]:
    """Every peer by its name."""
    tables = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return {
        name: Peer(
            name=name,
            programs=tuple(table["programs"]),
            packages=tuple(table["packages"]),
            serves=table["serves"],
            services=tuple(table.get("services", ())),
            files=tuple(table.get("files", ())),
        )
        for name, table in tables.items()
    }


def missing(names: Iterable[str]) -> list[Peer]:
    """Those of the named peers that are not on this machine.

    Raises:
        KeyError: a name is not in peers.toml.
    """
    known = listed()
    return [peer for peer in (known[name] for name in names) if peer.path() is None]


@contextmanager
def nothing_started() -> Iterator[None]:
    """Packages installed in here start no service, unless the machine's own policy already says what starts."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def apt(*words: str) -> bool:
    """Run apt-get without questions; its words are shown only when it fails."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    ran = subprocess.run(["apt-get", "--quiet", *words], env=env, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        print(ran.stdout[-2_000:] + ran.stderr[-2_000:], file=sys.stderr)
    return ran.returncode == 0


def known_to_apt(package: str) -> bool:
    """Whether this release has the package."""
    return subprocess.run(["apt-cache", "show", package], capture_output=True, check=False).returncode == 0


def install(peers: list[Peer]) -> None:
    """Install what serves these peers; started nothing, enabled nothing."""
    apt("update")
    packages = {next(filter(known_to_apt, peer.packages), None) for peer in peers} - {None}
    print(f"peers: installing {', '.join(sorted(filter(None, packages)))}", flush=True)
    with nothing_started():
        apt("install", "--yes", "--no-install-recommends", *sorted(filter(None, packages)))
    services = [service for peer in peers for service in peer.services]
    if SYSTEMD.exists() and services:
        subprocess.run(["systemctl", "disable", "--quiet", *services], capture_output=True, check=False)


def main() -> int:
    """Install what is missing, or say what is."""
    known = listed()
    names = sys.argv[1:] or list(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"peers: {', '.join(unknown)} is not in {LIST.name}; it lists {', '.join(known)}")
    absent, tried = missing(names), os.geteuid() == 0 and shutil.which("apt-get") is not None
    if absent and tried:
        install(absent)
        absent = missing(names)
    if absent:
        print(f"peers: {', '.join(peer.name for peer in absent)} missing; tests that need them say so.")
    if absent and tried:
        for peer in absent:
            places = " or ".join(peer.programs or peer.files)
            print(f"peers: apt brought no {peer.name} on this release; any of these on PATH serves: {places}")
    elif absent:
        packages = sorted({peer.packages[0] for peer in absent})
        print(f"peers: as root on Debian or Ubuntu: apt-get install {' '.join(packages)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
