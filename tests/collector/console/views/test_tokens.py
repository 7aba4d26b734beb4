# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.tokens import TokenRow
from giamsat_collector.enrol.agreement import Waiting
from support.console import Console

READER = Reader(Languages().named("vi"), ZoneInfo("UTC"), 0)


@pytest.mark.parametrize(
    ("unit", "system", "named", "level"),
    [
        ("40.412", "S-A1", "Hệ thống A1", "4"),
        ("40.412", None, "", "5"),
        ("40.999", None, "", ""),
        ("40.412", "S9", "S9", "5"),
    ],
)
def test_a_token_says_for_which_level_a_second_person_is_asked(unit, system, named, level):
    console = Console()
    console.place("A1", level=4)
    console.place("A2", level=5)
    token = Waiting("b", unit, system, 2, "10.40.0.0/16 2001:db8::/32", "An", 0, 1)

    row = TokenRow.of(token, "AN", console.registry, READER)
    console.close()

    assert (row.system, row.level, row.networks) == (named, level, "10.40.0.0/16, 2001:db8::/32")
    assert not row.asks, "whoever issued it, however the name is written"
    assert TokenRow.of(token, "bình", console.registry, READER).asks
