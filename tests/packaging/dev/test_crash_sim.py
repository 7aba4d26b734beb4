# SPDX-License-Identifier: Apache-2.0
import random

import crash_sim
import pytest

HISTORIES = 300


def test_lives_of_the_spool_break_no_promise():
    """Other lives each time; the seed that breaks one is named."""
    assert list(crash_sim.violations(random.randrange(1 << 30), HISTORIES)) == []


@pytest.mark.parametrize("mutant", crash_sim.mutants(), ids=lambda mutant: mutant.name)
def test_a_fault_is_one_that_can_be_made(mutant):
    text = (crash_sim.ROOT / "agent" / "giamsat_agent" / "spool" / mutant.file).read_text()

    assert text.count(mutant.code) == 1
    compile(text.replace(mutant.code, mutant.fault), mutant.file, "exec")


def test_a_spool_that_commits_without_a_sync_is_found_out():
    mutant = next(one for one in crash_sim.mutants() if one.name == "commit without a sync")

    assert crash_sim.killed(mutant)
