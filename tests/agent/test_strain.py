# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from giamsat_agent.strain import SLOWED, Strain, pressure

TEXT = "some avg10=90.00 avg60=1.00 avg300=0.00 total=1\nfull avg10={:.2f} avg60=1.00 avg300=0.00 total=1\n"


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        (TEXT.format(12.34), 12.34),
        (TEXT.format(100), 100.0),
        ("", None),
        ("full avg10=x", None),
        ("some avg10=1.00 ", None),
    ],
)
def test_what_the_kernel_says_is_read_and_nothing_else(text, percent):
    assert pressure(text) == percent


def test_this_kernel_is_understood_where_it_tells():
    path = Path("/proc/pressure/memory")
    if not path.exists():
        pytest.skip("this kernel does not tell of pressure")

    assert 0 <= pressure(path.read_text()) <= 100


def test_intervals_stretch_under_pressure_and_each_change_is_told_once(tmp_path):
    (tmp_path / "pressure").mkdir()
    told = []
    strain = Strain(tmp_path, told.append)

    factors = []
    for percent in (0, 9, 11, 40, 7, 6, 4, 9, 0):
        (tmp_path / "pressure" / "memory").write_text(TEXT.format(percent))
        factors.append(strain.factor())

    assert factors == [1, 1, SLOWED, SLOWED, SLOWED, SLOWED, 1, 1, 1]
    assert told == [SLOWED, 1]


def test_a_kernel_that_does_not_tell_is_read_as_usual(tmp_path):
    assert Strain(tmp_path, print).factor() == 1
