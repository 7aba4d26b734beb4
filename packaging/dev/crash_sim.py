# SPDX-License-Identifier: Apache-2.0
"""Made-up histories of the real spool, uplink and ingest, and of ones with a fault each, which must be found out.

`crash_sim.py HISTORIES` prints as its last line `crash-sim: H histories, V violations, M of M mutants killed`. A mutant
is a piece of the product's own code replaced as it is loaded (mutants.toml); nothing of it is in the product.
"""

import importlib.util
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
AT_A_TIME: Final = 500
SAY_EVERY: Final = 10_000


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


def broken_of(histories: int) -> list[tuple[int, str]]:
    """Those of so many histories that break a promise; several processes share them."""
    bad: list[tuple[int, str]] = []
    with ProcessPoolExecutor(AT_ONCE) as pool:
        starts = range(0, histories, AT_A_TIME)
        sizes = [min(AT_A_TIME, histories - first) for first in starts]
        for first, found in zip(starts, pool.map(_listed, starts, sizes), strict=True):
            bad += found
            if first and first % SAY_EVERY == 0:
                print(f"crash-sim: {first} histories, {len(bad)} violations …", file=sys.stderr, flush=True)
    return bad


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
    if words[:1] == ["--mutant"]:
        return be(words[1])
    histories = int(words[0]) if words else 100_000
    began, bad = time.monotonic(), broken_of(histories)
    for seed, found in bad[:20]:
        print(f"history {seed}: {found}")
    faults = mutants()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        survived = [fault.name for fault, dead in zip(faults, pool.map(killed, faults), strict=True) if not dead]
    for name in survived:
        print(f"not found out: {name}")
    print(f"{time.monotonic() - began:.0f} s")
    dead = len(faults) - len(survived)
    print(f"crash-sim: {histories} histories, {len(bad)} violations, {dead} of {len(faults)} mutants killed")
    return 1 if bad or survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
