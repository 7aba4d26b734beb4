# SPDX-License-Identifier: Apache-2.0
"""Made-up histories of the real spool, uplink and ingest, and of ones with a fault each, which must be found out.

`crash_sim.py HISTORIES` prints as its last line `crash-sim: H histories, V violations, M of M mutants killed`; H are
those that were lived, however it ended. A history is its number: `--from` goes on where an earlier run, which
`--seconds` or Ctrl-C ended, says it stopped. A mutant is a piece of the product's own code replaced as it is loaded
(mutants.toml); nothing of it is in the product.
"""

import argparse
import importlib.util
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
LIVES_OF_A_MUTANT: Final = 20_000
"""A mutant that lives as long as that is not found out."""
AT_ONCE: Final = 2
AT_A_TIME: Final = 100
SAY_EVERY_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: in which module which code becomes what."""

    name: str
    module: str
    code: str
    fault: str


class Mutating(SourceFileLoader):
    """Loads a module with a fault in it."""

    def __init__(self, fullname: str, path: str, mutant: Mutant) -> None:
        super().__init__(fullname, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the loader's contract
        """The faulty code; never the one that was compiled before."""
        text = Path(self.path).read_text(encoding="utf-8")
        if text.count(self._mutant.code) != 1:
            raise SystemExit(f"mutants.toml: [{self._mutant.name}] does not stand once in {self._mutant.module}")
        made: CodeType = compile(text.replace(self._mutant.code, self._mutant.fault), self.path, "exec")
        return made


class Finder:
    """Finds the module that is to have a fault; everything else is found as usual."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._name = mutant.module

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module's place, with a loader of ours."""
        if name != self._name:
            return None
        found = PathFinder.find_spec(name, path, target)
        if found is None or found.origin is None:
            return None
        return importlib.util.spec_from_loader(name, Mutating(name, found.origin, self._mutant), origin=found.origin)


def mutants() -> tuple[Mutant, ...]:
    """Every fault there is to find."""
    table = tomllib.loads((HERE / "mutants.toml").read_text(encoding="utf-8"))
    return tuple(Mutant(name, **row) for name, row in table.items())


@dataclass(slots=True)
class Lived:
    """How many histories were lived, and those of them that break a promise."""

    count: int
    bad: list[tuple[int, str]]


def lived(first: int, histories: int, seconds: float) -> Lived:
    """Live so many histories from a number on; several processes share them. Time or Ctrl-C may end it before."""
    began = said = time.monotonic()
    so_far, end = Lived(0, []), first + histories
    starts = range(first, end, AT_A_TIME)
    sizes = [min(AT_A_TIME, end - start) for start in starts]
    pool = ProcessPoolExecutor(AT_ONCE, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))
    try:
        for size, found in zip(sizes, pool.map(_listed, starts, sizes), strict=True):
            so_far.count += size
            so_far.bad += found
            now = time.monotonic()
            if now - said >= SAY_EVERY_S:
                said = now
                _tell(so_far, histories, now - began)
            if now - began >= seconds:
                break
    except KeyboardInterrupt:
        pass
    finally:
        pool.shutdown(cancel_futures=True)
    if so_far.count < histories:
        _tell(so_far, histories, time.monotonic() - began)
        print(f"stopped; go on with FROM={first + so_far.count}", file=sys.stderr, flush=True)
    return so_far


def _tell(so_far: Lived, histories: int, passed_s: float) -> None:
    said = f"crash-sim: {so_far.count} of {histories} histories, {len(so_far.bad)} violations, {passed_s:.0f} s …"
    print(said, file=sys.stderr, flush=True)


def _listed(first: int, count: int) -> list[tuple[int, str]]:
    return list(violations(first, count))


def violations(first: int, count: int) -> Iterator[tuple[int, str]]:
    """The histories of these seeds that break a promise, and which."""
    from support.histories import broken  # noqa: PLC0415 - loads the product, which a mutant must have changed by then

    for seed in range(first, first + count):
        if found := broken(seed):
            yield seed, found


def killed(mutant: Mutant) -> bool:
    """Whether a process with the fault breaks a promise."""
    words = [sys.executable, __file__, "--mutant", mutant.name]
    return subprocess.run(words, check=False, cwd=ROOT).returncode == 0


def be(name: str) -> int:
    """Live with a fault until it is found out: exit code 0 when it is."""
    mutant = next(one for one in mutants() if one.name == name)
    sys.meta_path.insert(0, Finder(mutant))
    return 0 if next(violations(0, LIVES_OF_A_MUTANT), None) else 1


def main(words: Sequence[str]) -> int:
    """Live, and find out every mutant; exit 1 when a promise was broken or a mutant was not found out."""
    sys.path.insert(0, str(ROOT / "tests"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("histories", type=int, nargs="?", default=100_000)
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first history")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="live no new ones after so long")
    parser.add_argument("--mutant", help="live with this fault until it is found out")
    given = parser.parse_args(words)
    if given.mutant:
        return be(given.mutant)
    began, so_far = time.monotonic(), lived(given.first, given.histories, given.seconds)
    for seed, found in so_far.bad[:20]:
        print(f"history {seed}: {found}")
    faults = mutants()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        survived = [fault.name for fault, dead in zip(faults, pool.map(killed, faults), strict=True) if not dead]
    for name in survived:
        print(f"not found out: {name}")
    print(f"{time.monotonic() - began:.0f} s")
    dead = len(faults) - len(survived)
    counts = f"{so_far.count} histories, {len(so_far.bad)} violations"
    print(f"crash-sim: {counts}, {dead} of {len(faults)} mutants killed")
    return 1 if so_far.bad or survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
