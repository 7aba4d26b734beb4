# SPDX-License-Identifier: Apache-2.0
import importlib.util
from pathlib import Path

import crash_sim
import pytest

HISTORIES = 300


def test_histories_of_both_ends_break_no_promise(seed):
    """The seed that breaks one is named."""
    assert list(crash_sim.violations(seed, HISTORIES)) == []


def test_a_run_that_its_time_ended_counts_what_was_lived_and_says_where_to_go_on(capsys, monkeypatch):
    monkeypatch.setattr(crash_sim, "AT_A_TIME", 5)

    whole, part = crash_sim.lived(7, 12, 600), crash_sim.lived(7, 1_000, 0)

    assert (whole.count, part.count) == (12, 5)
    assert capsys.readouterr().err.endswith("stopped; go on with FROM=12\n")


@pytest.mark.parametrize("mutant", crash_sim.mutants(), ids=lambda mutant: mutant.name)
def test_a_fault_is_one_that_can_be_made(mutant):
    spec = importlib.util.find_spec(mutant.module)
    text = Path(spec.origin).read_text()

    assert text.count(mutant.code) == 1
    compile(text.replace(mutant.code, mutant.fault), mutant.module, "exec")


@pytest.mark.parametrize("name", ["commit without a sync", "acknowledged before the commit"])
def test_the_fault_at_the_heart_of_either_end_is_found_out(name):
    mutant = next(one for one in crash_sim.mutants() if one.name == name)

    assert crash_sim.killed(mutant)
