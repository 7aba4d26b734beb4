# SPDX-License-Identifier: Apache-2.0
"""Every parser of outside bytes, given good input with parts changed, for so many seconds in all.

Each target gets its share of the time; half of it, if it is long enough, under a fuzzer that looks for inputs by what
code they reach (atheris), where that can be installed. An input that ends in anything but a refusal, or takes longer
than LONGEST_S, is kept in .build/fuzz and named. Last line: `fuzz: N runs of T targets, C crashes`.
"""

import argparse
import hashlib
import logging
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import structlog
import venvs

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
RUNS: Final = re.compile(r"stat::number_of_executed_units: *([0-9]+)")
KEPT: Final = ROOT / ".build" / "fuzz"
LONGEST_S: Final = 2.0
GUIDED_FROM_S: Final = 15.0
"""The guided fuzzer takes some seconds to begin; a target whose share is shorter does without."""
BYTES: Final = 64 << 10
"""The longest input tried: parsers that take more are tried with more by their own tests."""
CORPUS: Final = 256
TOKENS: Final = (
    b"\0", b"\xff" * 4, b"\x80", b"\n", b"\r\n", b'"', b"'", b"{", b"[", b"(", b",", b"=", b"<", b"|", b"%", b"\\",
    b"\xed\xa0\x80", b"\xe2\x80\xae", b"-1", b"9" * 20, b"1e999", b"NaN", b"true", b"null", b"&a", b"*a", b"!!x",
    b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"A" * 300,
)  # fmt: skip
"""What parsers stumble over."""


def changed(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """Some bytes like `data`, with a few changes."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        at = rng.randint(0, len(out))
        match rng.randrange(7):
            case 0 if out:
                out[at % len(out)] ^= 1 << rng.randrange(8)
            case 1:
                del out[at : at + rng.choice((1, 2, 8, 64))]
            case 2:
                out[at:at] = rng.choice(TOKENS)
            case 3:
                out[at : at + 4] = rng.randbytes(rng.randint(0, 6))
            case 4:
                out[at:at] = out[max(0, at - rng.randint(1, 64)) : at] * rng.choice((1, 2, 50))
            case 5:
                other = rng.choice(others)
                out[at:] = other[rng.randint(0, len(other)) :]
            case _:
                del out[at:]
    return bytes(out[:BYTES])


def main() -> int:
    """Try every target; exit 1 when one crashed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=60.0)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))  # noqa: S311 - which inputs, no secret
    parser.add_argument("--only", default="", help="targets whose name holds this")
    words = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    from fuzz_targets import targets  # noqa: PLC0415 - needs what was just put on the path

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(f"seed {words.seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="giamsat-fuzz-") as folder:
        chosen = [one for one in targets(Path(folder)) if words.only in one.name]
        runs = crashes = 0
        guided = fuzzer() if words.seconds / len(chosen) >= GUIDED_FROM_S else None
        for target in chosen:
            share = words.seconds / len(chosen) / (1 if guided is None else 2)
            its_runs, its_crashes = tried(target, share, random.Random(words.seed))  # noqa: S311
            if guided is not None:
                more_runs, more_crashes = under_fuzzer(guided, target, share)
                its_runs, its_crashes = its_runs + more_runs, its_crashes + more_crashes
            print(f"{target.name:<22} {its_runs:>8} runs {its_crashes:>3} crashes", flush=True)
            runs, crashes = runs + its_runs, crashes + its_crashes
    print(f"fuzz: {runs} runs of {len(chosen)} targets, {crashes} crashes")
    return 1 if crashes else 0


class Findings:
    """What is wrong with a target, each thing once."""

    def __init__(self, target: "Target") -> None:  # type: ignore[name-defined]  # noqa: F821
        self._target = target
        self.seen = set[str]()

    def tries(self, data: bytes) -> bool:
        """Give the target an input; whether it was read without a refusal."""
        began, wrong, understood = time.thread_time(), "", False
        try:
            self._target.read(data)
            understood = True
        except self._target.refusals:
            pass
        except Exception as error:  # noqa: BLE001 - whatever a parser does with bytes that are hostile
            wrong = _where(error)
        if time.thread_time() - began > LONGEST_S:
            wrong = wrong or f"took longer than {LONGEST_S:g} s"
        if wrong and wrong not in self.seen:
            self.seen.add(wrong)
            print(f"{self._target.name}: {wrong}: {_keep(self._target.name, data)}", flush=True)
        return understood


def tried(target: "Target", seconds: float, rng: random.Random) -> tuple[int, int]:  # type: ignore[name-defined]  # noqa: F821
    """How often a target ran, and how many different crashes it had. What is read without a refusal is built upon."""
    corpus, findings, runs = list(target.seeds), Findings(target), 0
    until = time.monotonic() + seconds
    while time.monotonic() < until or not runs:
        data = changed(rng.choice(corpus), corpus, rng)
        runs += 1
        if findings.tries(data) and len(corpus) < CORPUS:
            corpus.append(data)
    return runs, len(findings.seen)


def fuzzer() -> Path | None:
    """Where the guided fuzzer is installed, from its own lock; None, and said, where it cannot be."""
    try:
        python = venvs.prepared("fuzz", folder=venvs.BUILD / "fuzzer")
    except SystemExit as error:
        print(f"note: without atheris: {str(error).splitlines()[-1]}", file=sys.stderr)
        return None
    return next((python.parents[1] / "lib").glob("python3*/site-packages"))


def under_fuzzer(installed: Path, target: "Target", seconds: float) -> tuple[int, int]:  # type: ignore[name-defined]  # noqa: F821
    """The same as `tried`, in a process of its own."""
    words = [sys.executable, str(HERE / "guided.py"), target.name, str(max(seconds, 1.0))]
    path = os.pathsep.join([str(installed), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path})
    crashes = [line for line in done.stdout.splitlines() if line.startswith(f"{target.name}: ")]
    print(*crashes, sep="\n", end="\n" if crashes else "", flush=True)
    ran = RUNS.search(done.stderr)
    if ran is None:
        print(f"{target.name}: the fuzzer ended with {done.returncode}: {done.stderr[-500:]}", flush=True)
        return 0, 1
    return int(ran[1]), len(crashes)


def _where(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"


def _keep(name: str, data: bytes) -> Path:
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{name.replace(' ', '-')}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return path


if __name__ == "__main__":
    sys.exit(main())
