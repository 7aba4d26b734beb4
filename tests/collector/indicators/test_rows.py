# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from giamsat_collector.indicators import rows
from giamsat_collector.indicators.packing import packed, unpacked
from giamsat_collector.indicators.rows import Listed
from support.listing import DAY, NOW, entry

NS = 10**9
NCSC = Listed("ncsc", "Trung tâm", "12/CV", NOW * NS, "an", 7, 2)
ENTRIES = (entry("203.0.113.9", comment="mã độc"), entry("http://evil.example/x?y=1", confidence=0))


def test_a_list_takes_the_place_of_the_one_of_its_name_and_goes_on_counting(connection):
    rows.put(connection, NCSC, packed(ENTRIES))
    rows.count(connection, {"ncsc": 3, "gone": 1}, 5)
    rows.put(connection, replace(NCSC, entries=1, brought_by="binh"), packed(ENTRIES[:1]))

    assert rows.every(connection) == (replace(NCSC, entries=1, brought_by="binh", hits=3, last_hit_ns=5),)
    assert [tuple(unpacked(its)) for its in rows.lines(connection).values()] == [ENTRIES[:1]]

    rows.take_away(connection, "ncsc")
    assert rows.every(connection) == ()


def test_it_is_overdue_by_its_own_period_or_never():
    assert NCSC.overdue((NOW + 14 * DAY) * NS) == 2.0
    assert NCSC.overdue((NOW - DAY) * NS) == 0.0
    assert replace(NCSC, renewed_days=None).overdue((NOW + 999 * DAY) * NS) == 0.0
    assert NCSC.as_json(1, (NOW + 7 * DAY) * NS)["overdue"] == 1.0
