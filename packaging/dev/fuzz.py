# SPDX-License-Identifier: Apache-2.0
"""Every parser of outside bytes, given good input with parts changed, for so many seconds in all.

Each target gets its share of the time. An input that ends in anything but a refusal, or takes longer than LONGEST_S, is
kept in .build/fuzz and named. Last line: `fuzz: N runs of T targets, C crashes`.
"""

import argparse
import hashlib
import logging
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import structlog

ROOT: Final = Path(__file__).resolve().parents[2]
KEPT: Final = ROOT / ".build" / "fuzz"
LONGEST_S: Final = 2.0
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
        for target in chosen:
            its_runs, its_crashes = tried(target, words.seconds / len(chosen), random.Random(words.seed))  # noqa: S311
            print(f"{target.name:<22} {its_runs:>8} runs {its_crashes:>3} crashes", flush=True)
            runs, crashes = runs + its_runs, crashes + its_crashes
    print(f"fuzz: {runs} runs of {len(chosen)} targets, {crashes} crashes")
    return 1 if crashes else 0


def tried(target: "Target", seconds: float, rng: random.Random) -> tuple[int, int]:  # type: ignore[name-defined]  # noqa: F821
    """How often a target ran, and how many different crashes it had. What is read without a refusal is built upon."""
    corpus, seen, runs = list(target.seeds), set[str](), 0
    until = time.monotonic() + seconds
    while time.monotonic() < until or not runs:
        data = changed(rng.choice(corpus), corpus, rng)
        runs += 1
        began, wrong = time.monotonic(), ""
        try:
            target.read(data)
            if len(corpus) < CORPUS:
                corpus.append(data)
        except target.refusals:
            pass
        except Exception as error:  # noqa: BLE001 - whatever a parser does with bytes that are hostile
            wrong = _where(error)
        if time.monotonic() - began > LONGEST_S:
            wrong = wrong or f"took longer than {LONGEST_S:g} s"
        if wrong and wrong not in seen:
            seen.add(wrong)
            print(f"{target.name}: {wrong}: {_keep(target.name, data)}", flush=True)
    return runs, len(seen)


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
