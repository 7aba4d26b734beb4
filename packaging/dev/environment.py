# SPDX-License-Identifier: Apache-2.0
"""Make .venv what the locks and the four distributions ask for; nothing but the standard library is there yet.

A stamp in .venv holds the hash of everything the environment was made from. While it matches, nothing is done.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
VENV: Final = ROOT / ".venv"
LOCKS: Final = ROOT / "packaging" / "locks"
MEMBERS: Final = ("proto", "rules", "agent", "collector")
SAY_EVERY_S: Final = 10
ROOM_MB: Final = {"run": 450, "dev": 750}
"""What an environment takes, and what pip needs while it unpacks."""


class EnvironmentRefused(SystemExit):
    """The environment cannot be made; the message says why and what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(f"set-up: {why}")


def fingerprint(kind: str) -> str:
    """A hash of everything an environment of this kind is made from."""
    digest = hashlib.sha256(f"{sys.version}\n{VENV}\n".encode())
    for path in (LOCKS / f"{kind}.txt", *(ROOT / member / "pyproject.toml" for member in MEMBERS)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def stamp_of(kind: str) -> Path:
    """The file that holds the fingerprint of what .venv was last made from."""
    return VENV / f"giamsat-{kind}.stamp"


def is_current(kind: str) -> bool:
    """Whether .venv already is what the locks ask for."""
    stamp = stamp_of(kind)
    return (VENV / "bin" / "python").exists() and stamp.is_file() and stamp.read_text() == fingerprint(kind)


@contextmanager
def only_one() -> Iterator[None]:
    """Two makes at once would write the same files; the second one waits."""
    lock = ROOT / ".build" / "environment.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def said(what: str, log: Path) -> Iterator[None]:
    """Say what is being done, and while it lasts every few seconds what the tool said last."""
    done, started = threading.Event(), time.monotonic()

    def tell() -> None:
        while not done.wait(SAY_EVERY_S):
            lines = log.read_text(errors="replace").strip().splitlines()
            print(
                f"set-up:   {time.monotonic() - started:3.0f} s  {lines[-1].strip()[:90] if lines else ''}", flush=True
            )

    print(f"set-up: {what}", flush=True)
    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def run(what: str, words: list[str], *, advice: str) -> None:
    """Run a tool quietly; when it fails, show what it said and end with the advice."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("w") as output, said(what, log):
            code = subprocess.run(words, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
        if code != 0:
            sys.stderr.write(log.read_text(errors="replace"))
            raise EnvironmentRefused(f"{what}: failed with exit code {code}. {advice}")


def require_room(kind: str) -> None:
    """Half an environment is of no use, and pip's own words for a full disk come late."""
    free = shutil.disk_usage(ROOT).free >> 20
    if free < ROOM_MB[kind]:
        raise EnvironmentRefused(f"{VENV} takes {ROOM_MB[kind]} MB, and its disk has {free} MB free; make room there")


def require_venv_module() -> None:
    """Debian ships Python without ensurepip; root gets it from apt, anybody else the command to run."""
    try:
        import ensurepip  # noqa: F401, PLC0415 - only whether it is there
    except ImportError:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        advice = f"Run: sudo apt-get install {package}"
        if os.geteuid() != 0 or not Path("/usr/bin/apt-get").exists():
            raise EnvironmentRefused(f"{sys.executable} cannot make virtual environments. {advice}") from None
        run("updating the list of packages", ["apt-get", "update"], advice=advice)
        run(f"installing {package}", ["apt-get", "install", "-y", "--no-install-recommends", package], advice=advice)


def same_python() -> bool:
    """Whether .venv exists, works and was made by this very version of Python."""
    python = VENV / "bin" / "python"
    ask = [str(python), "-c", "import sys, pip; print(sys.version)"]
    if not python.exists():
        return False
    answer = subprocess.run(ask, capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == sys.version.strip()


def make(kind: str) -> None:
    """Bring .venv to what the lock of this kind asks for."""
    if not any(stamp.exists() for stamp in map(stamp_of, ROOM_MB)):
        require_room(kind)
    if not same_python():
        require_venv_module()
        # Asked from inside .venv, the Python beneath it makes the new one.
        beneath = getattr(sys, "_base_executable", sys.executable)
        words = [beneath, "-m", "venv", "--clear", str(VENV)]
        run(f"making .venv with Python {sys.version.split()[0]}", words, advice="Is the disk full or .venv not yours?")
    for stamp in VENV.glob("giamsat-*.stamp"):
        stamp.unlink()
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    lock = LOCKS / f"{kind}.txt"
    count = lock.read_text().count("==")
    run(
        f"installing {count} packages of {lock.relative_to(ROOT)} (20 s with a warm cache)",
        [*pip, "--require-hashes", "-r", str(lock)],
        advice="Without a package index nothing can be installed: set HTTPS_PROXY, or PIP_INDEX_URL to a mirror.",
    )
    editables = [word for member in MEMBERS for word in ("-e", str(ROOT / member))]
    run(
        "installing giamsat itself",
        [*pip, "--no-index", "--no-deps", "--no-build-isolation", *editables],
        advice="The message above names the distribution whose pyproject.toml is refused.",
    )
    stamp_of(kind).write_text(fingerprint(kind))


def main() -> int:
    """Make the environment unless it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("run", "dev"), help="run: what the product needs; dev: that and every tool")
    kind = parser.parse_args().kind
    # What dev installs holds everything that run asks for, in the same versions.
    if any(is_current(made) for made in {kind, "dev"}):
        return 0
    with only_one():
        if not is_current(kind):
            started = time.monotonic()
            make(kind)
            print(f"set-up: done in {time.monotonic() - started:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
