# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys

import pytest

from giamsat_collector.descriptors import OWN, WANTED, shortage

ASK = "from giamsat_collector.descriptors import raised; print(raised(), raised())"


@pytest.mark.parametrize(
    ("soft", "hard", "allowed"),
    [(100, 700, 700), (700, 700, 700), (64, "hard", None)],
    ids=["as many as it may", "no more than it may", "no more than are wanted"],
)
def test_a_process_takes_as_many_as_it_may_have(soft, hard, allowed):
    limit = f"ulimit -S -n {soft}" + ("" if hard == "hard" else f"; ulimit -H -n {hard}")

    said = subprocess.run(
        ["sh", "-c", f'{limit}; exec "$@"', "-", sys.executable, "-c", ASK], capture_output=True, check=True
    )

    first, second = map(int, said.stdout.split())
    assert first == second
    assert first == allowed or (allowed is None and soft < first <= WANTED)


@pytest.mark.parametrize(
    ("allowed", "short"), [(WANTED, False), (5_030 + OWN, False), (5_030 + OWN - 1, True), (64, True)]
)
def test_too_few_for_the_agents_enrolled_is_said_with_what_to_do(allowed, short):
    said = shortage(allowed, 5_030)

    assert (said is not None) is short
    assert said is None or (f"{allowed} files" in said and "5286 are needed" in said and "LimitNOFILE=65536" in said)
