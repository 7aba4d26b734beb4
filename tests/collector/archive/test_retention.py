# SPDX-License-Identifier: Apache-2.0
from datetime import date, timedelta
from pathlib import Path

import pytest

from giamsat_collector.archive.day import Day
from giamsat_collector.archive.retention import due, kept_days
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
