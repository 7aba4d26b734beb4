# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_rules.checks.weakened_level import find
from giamsat_rules.level import Exemption

EXEMPTION = Exemption("ssh_failed_logins", 4, "migration", "12/QD-STTTT", "security unit", "2026-06-30")


@pytest.fixture
def weakened(book, pack_of):
    return replace(book, pack=pack_of(4, ssh_failed_logins=9))


def test_a_number_that_weakens_at_a_higher_level_is_found(weakened):
    (problem,) = find(weakened)

    assert "ssh_failed_logins weakens from 8 at level 3 to 9 at level 4" in problem.what
    assert problem.origin.file.name == "level-4.yml"


def test_stricter_can_mean_higher(book, pack_of):
    (problem,) = find(replace(book, pack=pack_of(5, disk_free_ratio=0.11)))

    assert "disk_free_ratio weakens from 0.12 at level 4 to 0.11 at level 5" in problem.what


@pytest.mark.parametrize(
    ("change", "held"),
    [({}, True), ({"expires": "2025-12-31"}, False), ({"level": 5}, False), ({"parameter": "disk_free_ratio"}, False)],
)
def test_only_a_signed_exemption_that_still_holds_allows_it(weakened, change, held):
    pack = replace(weakened.pack, exemptions=(replace(EXEMPTION, **change),))

    assert (list(find(replace(weakened, pack=pack))) == []) is held
