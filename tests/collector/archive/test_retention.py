# SPDX-License-Identifier: Apache-2.0
from datetime import date, timedelta
from pathlib import Path

import pytest

from giamsat_collector.archive.day import Day
from giamsat_collector.archive.retention import Rise, due, kept_days
from giamsat_rules.load import load_obligations, shipped
from giamsat_rules.obligation import retention_days

TODAY = date(2027, 1, 15)


@pytest.mark.parametrize(("level", "days"), [(1, 30), (2, 30), (3, 90), (4, 180), (5, 365)])
def test_each_level_keeps_what_its_obligations_say_and_no_less_than_the_least(level, days):
    owed = retention_days(load_obligations(shipped().pack))

    files = [Day(Path("x"), level, TODAY - timedelta(days=age)) for age in (0, days, days + 1, days + 400)]

    assert kept_days(level, owed, 30) == days
    assert list(due(files, TODAY, owed, 30)) == files[2:]


def test_the_least_is_kept_even_when_less_is_owed():
    assert kept_days(2, {2: 30}, 60) == 60


def test_what_an_asset_sent_before_its_level_rose_is_kept_as_long_as_it_owes_now():
    """Of level 2 until ten days ago, of level 4 since: half a year of its frames of then, no longer of others'."""
    owed, rise = {2: 30, 4: 180}, Rise(2, 4, TODAY - timedelta(days=10))
    ages = (9, 60, 180, 181)
    files = [Day(Path("x"), level, TODAY - timedelta(days=age)) for age in ages for level in (1, 2)]
    later = [Day(Path("x"), 2, TODAY - timedelta(days=40))]

    gone = [(day.level, (TODAY - day.date).days) for day in due(files, TODAY, owed, 30, [rise])]

    assert gone == [(1, 60), (1, 180), (1, 181), (2, 181)]
    assert list(due(later, TODAY, owed, 30, [Rise(2, 4, TODAY - timedelta(days=50))])) == later, (
        "it held none of it then"
    )
