# SPDX-License-Identifier: Apache-2.0
"""Bundles to install from without the Internet: wheels, services, example configuration and install.sh in one archive.

Everything a host needs beside its own Python lies within, for each version of Python that is named, by the hashed lock.
"""

import argparse
import hashlib
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import lock
import pip
import venvs
import wheels

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
    "agent": Kind("agent", "agent", AGENT, frozenset({"giamsat-capture.service"})),
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
    kind, machine = KINDS[name], platform.machine()
    built = wheels.build(venvs.BUILD / "wheels")
    own = [built[member] for member in lock.OWN[kind.member]]
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        top = Path(made) / f"giamsat-{name}-{version(f'giamsat-{kind.member}')}-{machine}"
        (top / "wheels").mkdir(parents=True)
        for python in pythons:
            _download(kind, python, machine, top / "wheels")
        for wheel in own:
            shutil.copy(wheel, top / "wheels")
        _pip(top)
        _write(kind, pythons, machine, own, top)
        archive = into / f"{top.name}.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=1) as tar:  # wheels are compressed already
            tar.add(top, top.name, filter=_anonymous)
    return archive


def _download(kind: Kind, python: str, machine: str, into: Path) -> None:
    """The wheels that the lock lists, for one Python."""
    digits = python.replace(".", "")
    platforms = [word for libc in LIBC for word in ("--platform", f"{libc}_{machine}")]
    words = ["--python-version", python, "--implementation", "cp"]
    words += [word for abi in (f"cp{digits}", "abi3", "none") for word in ("--abi", abi)]
    _run_pip("download", "--no-deps", "--require-hashes", "--only-binary", ":all:", *words, *platforms,
             "--dest", str(into), "--requirement", str(venvs.LOCKS / f"{kind.lock}.txt"))  # fmt: skip


def _pip(top: Path) -> None:
    """The installer itself, as this environment has it: hosts often lack it."""
    folder = Path(pip.__file__).parent
    with zipfile.ZipFile(top / "pip.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.rglob("*.py")) + sorted(folder.rglob("*.pem")):
            file.write(path, Path("pip") / path.relative_to(folder))


def _run_pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotBundledError(f"bundle: pip {words[0]}:\n{done.stdout}{done.stderr}")


def _write(kind: Kind, pythons: list[str], machine: str, own: list[Path], top: Path) -> None:
    requirements = (venvs.LOCKS / f"{kind.lock}.txt").read_text()
    for wheel in own:
        member, release, *_ = wheel.name.split("-")
        requirements += f"{member.replace('_', '-')}=={release} --hash=sha256:{_sha256(wheel)}\n"
    (top / "requirements.txt").write_text(requirements)
    (top / "about").write_text(
        f"MEMBER={kind.member}\nVERSION={version(f'giamsat-{kind.member}')}\n"
        f'PYTHONS="{" ".join(pythons)}"\nMACHINE={machine}\n'
    )
    beside = [path for pattern in (f"config/{kind.member}.toml", *kind.beside) for path in PACKAGING.glob(pattern)]
    for source in (*kind.services(), *beside):
        folder = top / source.parent.name
        folder.mkdir(exist_ok=True)
        shutil.copy(source, folder)
    for each in ("install.sh", "README.txt"):
        shutil.copy(PACKAGING / "install" / each, top)
    files = sorted(path for path in top.rglob("*") if path.is_file())
    sums = "".join(f"{_sha256(path)}  {path.relative_to(top)}\n" for path in files)
    (top / "SHA256SUMS").write_text(sums)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mode = 0o755 if member.isdir() else 0o644
    return member


def main() -> int:
    """Make the bundles that are named, and say how large they are and what to compare them by."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", help=f"of {', '.join(KINDS)}; without any all of them")
    parser.add_argument(
        "--python", action="append", default=[], choices=PYTHONS, help="only for this one; may be repeated"
    )
    parser.add_argument("--into", type=Path, default=wheels.ROOT / "dist")
    words = parser.parse_args()
    unknown = [name for name in words.kinds if name not in KINDS]
    if unknown:
        parser.error(f"there is no bundle {unknown[0]!r}; there are {', '.join(KINDS)}")
    for name in words.kinds or KINDS:
        archive = bundle(name, words.python or list(PYTHONS), words.into)
        print(f"{archive}  {archive.stat().st_size / 1e6:.0f} MB  sha256 {_sha256(archive)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
