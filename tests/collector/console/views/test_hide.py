# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.alerts import grouping
from giamsat_collector.alerts.alert import GroupCount
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.hide import OFFERED, HideView, fields, ticks
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.suppressing.hiding import Preview, Would
from giamsat_collector.suppressing.record import Record, compiled
from support.verdicts import PLACEMENT, verdict

READER = Reader(Languages().named("vi"), ZoneInfo("Asia/Ho_Chi_Minh"), 0)
ALERT = grouping.opened(verdict(), PLACEMENT, 1)


def grouped(*groups):
    return type(ALERT)(
        **{name: getattr(ALERT, name) for name in ALERT.__slots__}
        | {"groups": tuple(GroupCount(group, 1, 0, 0) for group in groups)}
    )


def test_the_first_value_is_ticked_until_somebody_chooses_and_then_what_they_chose():
    alert = grouped({"source.ip": "192.0.2.7"}, {"source.ip": "192.0.2.8"})

    assert [tick.ticked for tick in ticks(alert, {})] == [True, False]
    assert fields(alert, {"place": "unit", "field1": "1"}) == [("source.ip|cased", "192.0.2.8")]
    assert fields(alert, {"place": "unit"}) == []


@pytest.mark.parametrize(
    ("seen", "another"),
    [
        ("*", "root"),
        ("ro?t", "root"),
        ("x\\*", "x\\root"),
        ("x\\", "x"),
        ("a\\\\b", "a\\b"),
        ("0.0.0.0/0", "192.0.2.7"),
        ("%root%", "root"),
        ("Root", "root"),
    ],
)
def test_what_is_ticked_hides_exactly_what_was_seen_whatever_a_stranger_called_himself(seen, another):
    said = dict(fields(grouped({"user.name": seen}), {}))
    matches = compiled(Record(1, ("r",), said, "a", "b", "an", 0, 0, 9)).matches

    assert [matches({"user.name": name}) for name in (seen, another)] == [False, True]


@pytest.mark.parametrize("group", [{}, {"source.ip": ""}, {"source.ip": "x" * 201}])
def test_what_is_empty_or_endless_is_not_offered(group):
    assert ticks(grouped(group), {}) == ()


def test_few_values_are_offered_and_those_of_a_host_cannot_reorder_the_page():
    many = grouped(*({"user.name": f"\u202e{number}"} for number in range(OFFERED + 5)))

    assert len(ticks(many, {})) == OFFERED
    assert "\u202e" not in ticks(many, {})[0].label


def test_the_preview_says_what_would_be_gone_and_what_in_part_and_how_many_are_not_named():
    wholes = [Would(grouped({"source.ip": "192.0.2.7"}), 1, 1)] * 25
    found = Preview((*wholes, Would(ALERT, 1, 2)), 40)

    view = HideView.of(ALERT, {}, found, Registry(), READER)

    assert "sẽ không có 25 trong 40" in view.preview
    assert "Thêm 1 cảnh báo sẽ bớt một phần" in view.preview
    assert (len(view.hidden), view.more) == (20, "và 5 cảnh báo nữa")
    assert HideView.of(ALERT, {}, None, Registry(), READER).preview == ""
