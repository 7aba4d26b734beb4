# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.language.quantity import quantity
from giamsat_rules.rule import Parameter


@pytest.mark.parametrize(
    ("said", "expected"),
    [(5, 5.0), (0.5, 0.5), ("5m", 300.0), ("2h", 7200.0), ("%a_b%", Parameter("a_b"))]
    + [(bad, None) for bad in ("5", "%A%", "%%", "0s", "soon", True, None, [1], "1m%x%")],
)
def test_a_quantity_is_a_number_a_span_or_a_parameter(said, expected):
    assert quantity(said) == expected
