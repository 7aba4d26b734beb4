# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from zoneinfo import ZoneInfo

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.indicators import Checked, ListRow
from giamsat_collector.indicators.lookup import Reading
from giamsat_collector.indicators.rows import Listed
from support.listing import DAY, NOW, lookup

NS = 10**9
READER = Reader(Languages().named("vi"), ZoneInfo("UTC"), NOW * NS)
LISTED = Listed("ncsc", "Trung tâm\u202e", "12/CV", (NOW - 8 * DAY) * NS, "an", 7, 1_500, 3, NOW * NS)


def test_a_list_whose_renewal_is_due_is_marked_and_one_that_is_never_renewed_not():
    row = ListRow.of(LISTED, 1_400, READER)
    once = ListRow.of(replace(LISTED, renewed_days=None, last_hit_ns=None), 1_500, READER)

    assert (row.standing, row.entries, row.age, row.period, row.old) == ("1.400", "1.500", "8 ngày", "7 ngày", True)
    assert "\u202e" not in row.source
    assert (once.period, once.old, once.last_hit) == ("không làm mới", False, None)


def test_what_a_value_met_is_said_with_its_list():
    met = lookup("evil.example").find(Reading.NAME, "x.evil.example", NOW * NS)
    found, free = Checked.of("x.evil.example", met, READER), Checked.of("a.example", None, READER)

    assert (found.met, found.lists, found.about, found.confidence) == ("evil.example", "ncsc", "Trung tâm", "75")
    assert (free.value, free.met) == ("a.example", "")
