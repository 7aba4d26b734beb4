# SPDX-License-Identifier: Apache-2.0
"""Bundles to install from without the Internet: wheels, services, example configuration and install.sh in one archive.

Everything a host needs beside its own Python lies within, for each version of Python that is named, by the hashed lock.
"""

import argparse
import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import lock
import pip
import venvs
import wheels
from packaging.markers import Marker

PYTHONS: Final = ("3.13", "3.12", "3.11")
"""What Debian 12 and 13 and Ubuntu 24.04 bring."""
LIBC: Final = ("manylinux_2_28", "manylinux_2_17", "manylinux2014")
"""Builds that run on every Linux of ours: glibc 2.28 or later."""
PACKAGING: Final = wheels.ROOT / "packaging"


@dataclass(frozen=True, slots=True)
class Kind:
    """A bundle: whose wheel it brings, by which lock, with which files of ours; which services lack packages there."""

    member: str
    lock: str
    beside: tuple[str, ...]
    without: frozenset[str] = frozenset()

    def services(self) -> list[Path]:
        """Every unit that runs from where this member is installed."""
        units = sorted((PACKAGING / "systemd").glob("*.service"))
        place = f"ExecStart=/opt/giamsat-{self.member}/"
        return [unit for unit in units if place in unit.read_text() and unit.name not in self.without]


AGENT: Final = ("guide/unit.*", "systemd/giamsat-agent-*.conf")
KINDS: Final = {
    "agent": Kind("agent", "agent", AGENT, frozenset({"giamsat-capture.service", "giamsat-devices.service"})),
    "agent-extras": Kind("agent", "agent-extras", AGENT),
    "collector": Kind(
        "collector", "collector", ("guide/collector.*", "guide/analyst.*", "prometheus/*.yml", "grafana/*.json")
    ),
}


class NotBundledError(SystemExit):
    """A bundle cannot be made; the message holds pip's words."""


def bundle(name: str, pythons: list[str], into: Path) -> Path:
    """Make one bundle and return its archive.

    Raises:
        NotBundledError: a package is not to be had as a wheel for one of the Pythons.
    """
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        return archived(laid_out(name, pythons, Path(made)), into)


def laid_out(name: str, pythons: list[str], into: Path) -> Path:
    """Make the folder that a bundle or a package holds, below `into`, and return it.

    Raises:
        NotBundledError: a package is not to be had as a wheel for one of the Pythons.
    """
    kind, machine = KINDS[name], platform.machine()
    built = wheels.build(venvs.BUILD / "wheels")
    own = [built[member] for member in lock.OWN[kind.member]]
    top = into / f"giamsat-{name}-{_release(own)}-{machine}"
    (top / "wheels").mkdir(parents=True)
    for python in pythons:
        _download(kind, python, machine, top / "wheels")
    requirements = (venvs.LOCKS / f"{kind.lock}.txt").read_text()
    furnish(name, pythons, top, requirements=requirements, own=own)
    return top


def furnish(name: str, pythons: list[str], top: Path, *, requirements: str, own: list[Path]) -> None:
    """Put beside the wheels of others our `own`, the member's last, the installer, the services and all else."""
    for wheel in own:
        shutil.copy(wheel, top / "wheels")
        member, number, *_ = wheel.name.split("-")
        requirements += f"{member.replace('_', '-')}=={number} --hash=sha256:{_sha256(wheel)}\n"
    (top / "requirements.txt").write_text(requirements)
    _pip(top)
    kind = KINDS[name]
    (top / "about").write_text(
        f'MEMBER={kind.member}\nVERSION={_release(own)}\nPYTHONS="{" ".join(pythons)}"\nMACHINE={platform.machine()}\n'
    )
    beside = [path for pattern in (f"config/{kind.member}.toml", *kind.beside) for path in PACKAGING.glob(pattern)]
    for source in (*kind.services(), *beside):
        folder = top / source.parent.name
        folder.mkdir(exist_ok=True)
        shutil.copy(source, folder)
    for each in ("install.sh", "places.sh", "README.txt"):
        shutil.copy(PACKAGING / "install" / each, top)
    files = sorted(path for path in top.rglob("*") if path.is_file())
    sums = "".join(f"{_sha256(path)}  {path.relative_to(top)}\n" for path in files)
    (top / "SHA256SUMS").write_text(sums)


def _release(own: list[Path]) -> str:
    """The version in the name of the member's wheel."""
    return own[-1].name.split("-")[1]


def about(top: Path) -> dict[str, str]:
    """What a laid out folder says of itself: MEMBER, VERSION, PYTHONS, MACHINE."""
    pairs = (line.split("=", 1) for line in (top / "about").read_text().splitlines())
    return {key: value.strip('"') for key, value in pairs}


def made_at() -> int:
    """The time that everything in a bundle carries, so that equal sources make equal bytes: UNIX seconds.

    SOURCE_DATE_EPOCH as reproducible-builds.org defines it, else the time of the last commit.
    """
    words = ["git", "-C", str(wheels.ROOT), "log", "-1", "--format=%ct"]
    said = (
        os.environ.get("SOURCE_DATE_EPOCH") or subprocess.run(words, capture_output=True, text=True, check=False).stdout
    )
    if not said.strip().isdecimal():
        raise NotBundledError("bundle: no time to date it by: not a git checkout; set SOURCE_DATE_EPOCH=UNIX-SECONDS")
    return int(said)


def archived(top: Path, into: Path) -> Path:
    """A laid out folder as one archive."""
    archive, at = into / f"{top.name}.tar.gz", made_at()

    def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mode = 0o755 if member.isdir() else 0o644
        member.mtime = at
        return member

    with (
        archive.open("wb") as file,
        gzip.GzipFile("", "wb", 1, file, mtime=at) as packed,  # wheels are compressed already
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        tar.add(top, top.name, filter=anonymous)
    return archive


def _download(kind: Kind, python: str, machine: str, into: Path) -> None:
    """The wheels that the lock lists, for one Python."""
    digits = python.replace(".", "")
    platforms = [word for libc in LIBC for word in ("--platform", f"{libc}_{machine}")]
    words = ["--python-version", python, "--implementation", "cp"]
    words += [word for abi in (f"cp{digits}", "abi3", "none") for word in ("--abi", abi)]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(wanted((venvs.LOCKS / f"{kind.lock}.txt").read_text(), python))
        file.flush()
        _run_pip("download", "--no-deps", "--require-hashes", "--only-binary", ":all:", *words, *platforms,
                 "--dest", str(into), "--requirement", file.name)  # fmt: skip


def wanted(locked: str, python: str) -> str:
    """What of a lock one Python installs; pip itself would ask each marker of the Python it runs with."""
    here = {"python_version": python, "python_full_version": f"{python}.0"}
    kept = []
    for block in re.split(r"\n(?=\S)", locked.strip()):
        head, _, hashes = block.partition(" \\\n")
        pin, _, marker = head.partition(" ; ")
        if not marker or Marker(marker).evaluate(here):
            kept.append(f"{pin} \\\n{hashes}\n")
    return "".join(kept)


def _pip(top: Path) -> None:
    """The installer itself, as this environment has it: hosts often lack it."""
    folder = Path(pip.__file__).parent
    with zipfile.ZipFile(top / "pip.zip", "w") as file:
        for path in sorted(folder.rglob("*.py")) + sorted(folder.rglob("*.pem")):
            dated = zipfile.ZipInfo(str(Path("pip") / path.relative_to(folder)))  # of 1980, whenever pip was installed
            file.writestr(dated, path.read_bytes(), zipfile.ZIP_DEFLATED, 1)


def _run_pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotBundledError(f"bundle: pip {words[0]}:\n{done.stdout}{done.stderr}")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def asked(description: str | None) -> argparse.Namespace:
    """What to make (`kinds`, all of them by default), for which `python`s, and where to put it (`into`)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("kinds", nargs="*", help=f"of {', '.join(KINDS)}; without any all of them")
    parser.add_argument(
        "--python", action="append", default=[], choices=PYTHONS, help="only for this one; may be repeated"
    )
    parser.add_argument("--into", type=Path, default=wheels.ROOT / "dist")
    words = parser.parse_args()
    unknown = [name for name in words.kinds if name not in KINDS]
    if unknown:
        parser.error(f"there is no bundle {unknown[0]!r}; there are {', '.join(KINDS)}")
    words.kinds, words.python = words.kinds or list(KINDS), words.python or list(PYTHONS)
    return words


def tell(made: Path) -> None:
    """How large it is, and the number to compare it by."""
    print(f"{made}  {made.stat().st_size / 1e6:.0f} MB  sha256 {_sha256(made)}", flush=True)


def main() -> int:
    """Make the bundles that are named, and say how large they are and what to compare them by."""
    words = asked(__doc__)
    for name in words.kinds:
        tell(bundle(name, words.python, words.into))
    return 0


if __name__ == "__main__":
    sys.exit(main())
