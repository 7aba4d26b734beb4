# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

import pytest

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.incidents import (
    FLAGS,
    GROUPS,
    REPORTS,
    STANDINGS,
    STATES,
    IncidentRow,
    IncidentsView,
    OwedRow,
)
from giamsat_collector.incidents.duties import Standing, owed
from giamsat_collector.incidents.incident import Group, Place, Report, State
from giamsat_collector.incidents.search import Listed, Listing
from giamsat_collector.registry.snapshot import Registry
from support.incidents import HOUR, incident, sent

SERIOUS = incident(serious=True, title="a\u202eb")
PLACES = (Place("u9", "S9", None), Place("u8", "S8", 2))


def reader(now_ns, code="vi"):
    return Reader(Languages().named(code), UTC, now_ns)


def row(one=SERIOUS, its=(), now=130 * HOUR):
    return IncidentRow.of(Listed(one, PLACES, 5, owed(one, its)), Registry(), reader(now))


def test_every_kind_of_thing_has_a_word():
    assert set(GROUPS) == set(Group)
    assert set(REPORTS) == set(Report)
    assert set(STANDINGS) == set(Standing)
    assert set(STATES) == set(State)
    assert all(hasattr(SERIOUS, name) for name in FLAGS)


@pytest.mark.parametrize(
    ("now", "its", "standing", "left"),
    [
        (110, (), "còn hạn", "còn 14 giờ"),
        (121, (), "sắp đến hạn", "còn 3 giờ"),
        (126, (), "quá hạn", "chậm 2 giờ"),
        (500, (sent(at_ns=127 * HOUR),), "đã gửi", "chậm 3 giờ"),
        (500, (sent(at_ns=123 * HOUR),), "đã gửi", ""),
    ],
    ids=["due", "near", "late", "sent late", "sent"],
)
def test_a_report_says_how_it_stands_and_what_is_left(now, its, standing, left):
    (initial, _) = owed(SERIOUS, its)

    found = OwedRow.of(initial, reader(now * HOUR))

    assert (found.standing, found.left) == (standing, left)


def test_a_report_that_is_due_at_once_says_how_long_after_detection_it_was_sent_or_is_not():
    one = incident(interruption=True)

    told = [OwedRow.of(owed(one, its)[0], reader(103 * HOUR)) for its in ((), (sent(Report.IMMEDIATE, 102 * HOUR),))]

    assert [(row.standing, row.left) for row in told] == [
        ("quá hạn", "3 giờ sau khi phát hiện"),
        ("đã gửi", "2 giờ sau khi phát hiện"),
    ]


def test_a_row_names_the_next_report_the_first_place_and_how_many_units_more():
    found = row()

    assert (found.next.code, found.where.unit, found.more) == ("initial", "u9", "và 1 đơn vị khác")
    assert found.where.unclassified
    assert "\u202e" not in found.title
    assert row(its=(sent(),)).next.code == "full"
    assert row(incident(serious=True, state=State.CLOSED)).next is None


def test_a_cut_list_says_so():
    many = Listing(tuple(Listed(incident(number=at), PLACES, 1, ()) for at in range(200)), more=True)

    view = IncidentsView.of("open", many, {State.OPEN: 1200, State.CLOSED: 3}, Registry(), reader(0))

    assert len(view.rows) == 200
    assert "200" in view.more
    assert [tab.text for tab in view.tabs] == ["Đang xử lý 1.200", "Đã đóng 3", "Tất cả 1.203"]
    assert [tab.current for tab in view.tabs] == [True, False, False]
