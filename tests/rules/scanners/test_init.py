# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules import scanners


@pytest.mark.parametrize("literals", [["ab"], ["ab", "b"]])
def test_without_hyperscan_the_automaton_is_used(monkeypatch, literals):
    monkeypatch.setattr(scanners, "find_spec", lambda name: None)

    assert scanners.fastest() is scanners.automaton
    assert set(scanners.fastest()(literals).found("xab")) == set(range(len(literals)))
