# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.alert import AlertView, Found
from giamsat_collector.console.views.standing import Standing
from giamsat_collector.own_host import SELF
from giamsat_collector.registry.record import Placement
from giamsat_collector.registry.snapshot import OURS
from giamsat_collector.rulebook.register import measure
from giamsat_rules.rule import Header, Texts
from giamsat_rules.verdict import Subject
from support.console import SECOND, Console


@pytest.fixture
def console():
    console = Console()
    console.place()
    yield console
    console.close()


def view(console, alert, code="vi", **rules):
    reader = Reader(Languages().named(code), ZoneInfo("UTC"), console.clock.wall_ns())
    return AlertView.of(
        Found(alert, history=(), related=(alert,), standing=Standing(), owners=(), incidents=(), packets=()),
        rule=rules.get(alert.rule),
        registry=console.registry,
        measure=measure(console.standards, console.registry, alert),
        reader=reader,
    )


SUMMARY = "Dò mật khẩu SSH trên máy-chủ-1 (Đơn vị 40.412): 12 lần trong 3 phút từ 2 địa chỉ, nhiều nhất từ 192.0.2.7."
IN_ENGLISH = (
    "SSH password guessing on máy-chủ-1 (Đơn vị 40.412): 12 times within 3 minutes from 2 addresses, "
    "most of it from 192.0.2.7."
)


@pytest.mark.parametrize(("code", "said"), [("vi", SUMMARY), ("en", IN_ENGLISH)])
def test_the_summary_says_it_all_in_one_sentence(console, code, said):
    console.raise_alert(count=8)
    now = console.clock.wall_ns() + 180 * SECOND
    alert = console.raise_alert(count=4, change="continued", source="192.0.2.9", at=now)

    assert view(console, alert, code).summary == said


def test_an_alert_without_a_source_does_not_speak_of_one(console):
    alert = console.raise_alert(group={}, evidence=(), title_vi="Agent mất liên lạc")

    assert view(console, alert).summary == "Agent mất liên lạc trên máy-chủ-1 (Đơn vị 40.412): 1 lần."
    assert view(console, alert).evidence_note == "Quy tắc này không kèm sự kiện gốc."


def test_of_what_belongs_to_no_unit_none_is_named(console):
    alert = console.raise_alert(placement=Placement("A1", "máy-chủ-1", "", "", None, 3))

    assert view(console, alert).summary == "Dò mật khẩu SSH trên máy-chủ-1: 1 lần từ 192.0.2.7."


def test_an_unclassified_host_is_said_to_be_judged_as_level_5(console):
    place = Placement("A7", "a", "40.412", "", None, None)
    alert = console.raise_alert(placement=place, subject=Subject("A7", None))

    assert "ngưỡng của cấp 5" in view(console, alert).why.judged_as[0]
    assert view(console, alert).row.unclassified


def test_the_rule_tells_what_to_do_first(console):
    runbook = Texts("1. Xem. 2. Hỏi.", "1. Look. 2. Ask.")
    header = Header("r", "id", 1, Texts(), Texts("Mô tả"), runbook, "high", (), (), None, "")
    alert = console.raise_alert()

    assert view(console, alert, ssh_brute_force=header).why.runbook == ("Xem.", "Hỏi.")
    assert view(console, alert, "en", ssh_brute_force=header).why.runbook == ("Look.", "Ask.")
    assert view(console, alert).why.runbook == ()


def test_groups_stand_largest_first_and_what_was_summed_last(console):
    alert = console.raise_alert(count=1)
    for number in range(120):
        alert = console.raise_alert(change="continued", source=f"10.0.0.{number}", count=number + 1)
    groups = view(console, alert).groups
    over = replace(alert, groups=tuple(replace(one, over=True) for one in alert.groups))

    assert groups[0].name == "source.ip = 10.0.0.98"
    assert groups[-1].name == "tất cả nguồn còn lại"
    assert [{one.over for one in view(console, each).groups} for each in (alert, over)] == [{False}, {True}]


def test_an_alert_of_the_collector_about_a_report_leads_to_its_incident_and_a_word_of_a_host_does_not(console):
    given = {"group": {"incident": "7", "report": "initial"}, "rule": "incident_report_overdue"}
    ours = console.raise_alert(placement=OURS, subject=Subject(SELF, 3), **given)
    theirs = console.raise_alert(**given)

    assert [view(console, one).groups[0].address for one in (ours, theirs)] == ["/incidents/7", ""]


def test_an_alert_is_not_related_to_itself(console):
    assert view(console, console.raise_alert()).related == ()
