# SPDX-License-Identifier: Apache-2.0
"""One target of fuzz.py under a fuzzer that looks for inputs by what code they reach (atheris, which is libFuzzer).

`guided.py TARGET SECONDS`: crashes are told as fuzz.py tells them; the last lines are libFuzzer's own figures. The
fuzzer ends the process by itself.
"""

import logging
import sys
import tempfile
from pathlib import Path
from typing import Final

import atheris  # type: ignore[import-untyped]  # in an environment of its own
import structlog
from fuzz import BYTES, LONGEST_S, ROOT, Findings

OURS: Final = ["giamsat_agent", "giamsat_collector", "giamsat_rules", "giamsat_wire"]


def main() -> None:
    """Fuzz until the time is over."""
    name, seconds = sys.argv[1], float(sys.argv[2])
    sys.path.insert(0, str(ROOT / "tests"))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with atheris.instrument_imports(include=OURS):
        from fuzz_targets import targets  # noqa: PLC0415 - what is imported here is watched

    folder = Path(tempfile.mkdtemp(prefix="giamsat-fuzz-"))
    target = next(one for one in targets(folder) if one.name == name)
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(target.seeds):
        (corpus / str(number)).write_bytes(seed)
    findings = Findings(target)
    words = [f"-max_total_time={int(seconds)}", f"-max_len={BYTES}", f"-timeout={int(LONGEST_S * 10)}"]
    atheris.Setup([sys.argv[0], *words, "-print_final_stats=1", "-verbosity=0", str(corpus)], findings.tries)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
