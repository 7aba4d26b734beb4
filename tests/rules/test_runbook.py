# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.runbook import steps


@pytest.mark.parametrize(
    ("runbook", "expected"),
    [
        ("", ()),
        ("một dòng", ("một dòng",)),
        ("a\n\nb\n", ("a", "b")),
        ("1. Chặn 10.0.0.1 ngay. 2. Báo.", ("Chặn 10.0.0.1 ngay.", "Báo.")),
    ],
)
def test_a_runbook_is_cut_into_its_steps(runbook, expected):
    assert steps(runbook) == expected
