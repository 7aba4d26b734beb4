# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from zoneinfo import ZoneInfo

from giamsat_collector.alerts.alert import GroupCount, Relation, State
from giamsat_collector.alerts.grouping import opened
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.standing import Standing, StandingView
from giamsat_collector.registry.snapshot import Registry
from support.verdicts import PLACEMENT, verdict

VIETNAMESE = Reader(Languages().named("vi"), ZoneInfo("UTC"), 0)


def test_what_stands_before_and_behind_is_said_with_the_way_to_all_of_it():
    alert, other = opened(verdict(), PLACEMENT, 1), opened(verdict(at=2_000), PLACEMENT, 1)

    behind = StandingView.of(alert, Standing(consequences=(other,), number=120, open=1), Registry(), VIETNAMESE)
    before = StandingView.of(alert, Standing(cause=other), Registry(), VIETNAMESE)

    assert behind.said == "120 cảnh báo là hệ quả của cảnh báo này; 1 chưa hết."
    assert (behind.every, behind.cause) == (f"/alerts?state=&cause={alert.id}", None)
    assert [row.id for row in behind.consequences] == [other.id]
    assert (bool(before.until), behind.until, behind.title) == (True, "", "Hệ quả")
    assert before.cause.address == f"/alerts/{other.id}"


def test_of_one_that_tells_of_the_same_it_is_said_what_both_have_in_common_and_until_when_it_stands_there():
    hostile = "2001:db8::7\u202e"
    groups = tuple(GroupCount({"source.ip": one}, 1, 1, 1) for one in (hostile, "a", "b", "c"))
    other = replace(opened(verdict(at=2_000), PLACEMENT, 1), groups=groups)
    alert = replace(opened(verdict(rule="r2"), PLACEMENT, 1), groups=groups, relation=Relation.SAME, cause=other.id)

    of_one = StandingView.of(alert, Standing(cause=other), Registry(), VIETNAMESE)
    elsewhere = StandingView.of(replace(alert, asset="A2"), Standing(cause=other), Registry(), VIETNAMESE)
    of_other = StandingView.of(other, Standing(consequences=(alert,), number=1, open=1), Registry(), VIETNAMESE)

    assert "source.ip a; source.ip b; …, cùng máy)" in of_one.why
    assert "\u202e" not in of_one.why
    assert "cùng đơn vị)" in elsewhere.why
    assert "báo động giả" in of_one.until
    assert (of_other.title, of_other.consequences[0].same) == ("Cùng vụ", True)
    assert of_other.said.startswith("1 cảnh báo nói về cùng vụ này; 1 chưa hết.")
    closed = replace(alert, state=State.RESOLVED)
    assert StandingView.of(closed, Standing(cause=other), Registry(), VIETNAMESE).until == ""
