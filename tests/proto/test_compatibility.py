# SPDX-License-Identifier: Apache-2.0
"""What is spoken today can still be read by every end that speaks the baseline."""

import compatibility


def test_an_end_that_speaks_the_baseline_still_understands():
    assert compatibility.breaks(compatibility.baseline(), compatibility.current()) == []


def test_everything_spoken_today_has_been_promised():
    assert compatibility.baseline() == compatibility.current(), "run `make proto` and commit the baseline"
