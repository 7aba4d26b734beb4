# SPDX-License-Identifier: Apache-2.0
import json
import math

import pytest

from giamsat_collector.alerts.grouping import EVIDENCE, GROUPS, MARKS, USERS, ended, folded, joined, opened, searchable
from support.verdicts import PLACEMENT, verdict


def test_judging_the_same_again_opens_the_same_alert():
    assert opened(verdict(at=7), PLACEMENT, 1).id == opened(verdict(at=7, count=9), PLACEMENT, 2).id


@pytest.mark.parametrize("other", [{"rule": "x"}, {"rule_version": 2}, {"at": 8}])
def test_another_rule_version_or_beginning_is_another_alert(other):
    assert opened(verdict(at=7), PLACEMENT, 1).id != opened(verdict(**{"at": 7, **other}), PLACEMENT, 1).id


def test_evidence_is_bounded_and_the_first_is_kept():
    first = opened(verdict(evidence=({"message": "first"},)), PLACEMENT, 1)

    many = joined(first, verdict(evidence=tuple({"message": str(number)} for number in range(50))), 2)

    assert len(many.evidence) == EVIDENCE
    assert many.evidence[0] == {"message": "first"}


def test_of_each_group_the_first_accounts_are_noted_and_no_end_of_them():
    tried = tuple(f"u{number}" for number in range(USERS + 5))
    alert = opened(verdict(users=tried[:2]), PLACEMENT, 1)
    assert alert.groups[0].users == ["u0", "u1"]

    alert = joined(joined(alert, verdict(users=tried), 2), verdict(source="192.0.2.8", users=tried[:1]), 3)
    assert [len(group.users) for group in alert.groups] == [USERS, 1]
    assert not opened(verdict(group={"user.name": "u0"}, users=tried), PLACEMENT, 1).groups[0].users, "said already"
    assert not opened(verdict(group={}, users=tried), PLACEMENT, 1).groups[0].users, "of nobody knows who"


def test_one_late_verdict_marks_the_alert_late():
    assert joined(opened(verdict(), PLACEMENT, 1), verdict(late=True), 2).late


@pytest.mark.parametrize(
    ("text", "plain"), [("Đăng nhập", "dang nhap"), ("NGHĨA ĐÀN", "nghia dan"), ("Nghi\u0303a", "nghia"), ("ß", "ß")]
)
def test_text_is_folded_as_it_is_typed_without_a_vietnamese_keyboard(text, plain):
    assert folded(text) == plain


def test_what_can_be_searched_names_host_unit_source_and_rule():
    text = searchable(opened(verdict(), PLACEMENT, 1), PLACEMENT)

    assert all(word in text for word in ("may-chu-1", "thanh pho vinh", "192.0.2.7", "ssh_brute_force", "do mat khau"))


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_cannot_hold_stays_readable_evidence(odd):
    (event,) = opened(verdict(evidence=({"x": odd, "y": ("a", "b")},)), PLACEMENT, 1).evidence

    assert json.loads(json.dumps(event, allow_nan=False)) == {"x": str(odd), "y": ["a", "b"]}


def told(alert, *sources, at):
    for source in sources:
        raised = verdict(at=at, source=source)
        alert = opened(raised, PLACEMENT, 1) if alert is None else joined(alert, raised, 2)
    return alert


def over(alert, *sources, at):
    for source in sources:
        alert = ended(alert, verdict(at=at, source=source, change="ended", count=0))
    return alert


def are_over(alert):
    return all(group.over for group in alert.groups)


SOURCES = [f"2001:db8::{number:x}" for number in range(GROUPS + MARKS + 1)]


@pytest.mark.parametrize(("sources", "ends"), [(GROUPS + 1, True), (GROUPS + MARKS, True), (GROUPS + MARKS + 1, False)])
def test_what_is_counted_together_is_over_with_the_last_of_it(sources, ends):
    alert = told(None, *SOURCES[:sources], at=100)
    most = over(alert, *SOURCES[: sources - 1], at=200)

    assert not are_over(most)
    assert are_over(over(most, SOURCES[sources - 1], at=200)) is ends
    assert sum(group.count for group in alert.groups) == alert.count == sources


def test_an_end_of_what_was_never_told_of_or_of_no_group_is_none_of_the_rest():
    alert = told(None, *SOURCES[: GROUPS + 2], at=100)

    assert over(alert, "192.0.2.99", at=200) is alert
    assert ended(alert, verdict(at=200, change="ended", group={})) is alert
    assert over(alert, SOURCES[GROUPS], at=99) is alert, "told of again since"
    assert not are_over(over(alert, *SOURCES[: GROUPS + 1], at=200))
    assert not are_over(told(over(alert, *SOURCES[: GROUPS + 2], at=200), SOURCES[GROUPS], at=300))


def test_what_is_over_makes_room_for_what_is_new():
    alert = over(told(None, *SOURCES[:GROUPS], at=100), *SOURCES[:2], at=110)
    more = told(alert, "192.0.2.8", "192.0.2.9", at=120)

    named = [group.group["source.ip"] for group in more.groups if group.group]
    assert (len(named), named[-2:], SOURCES[0] in named) == (GROUPS, ["192.0.2.8", "192.0.2.9"], False)
    assert sum(group.count for group in more.groups) == more.count == GROUPS + 2
    assert are_over(over(more, *SOURCES[2:GROUPS], "192.0.2.8", "192.0.2.9", at=130))
    assert not are_over(over(told(more, SOURCES[0], at=125), *SOURCES[1:GROUPS], "192.0.2.8", "192.0.2.9", at=130))


def test_an_alert_without_groups_is_ended_by_no_event():
    alert = opened(verdict(group={}), PLACEMENT, 1)

    assert ended(alert, verdict(at=9_000, group={}, change="ended")) is alert
    assert not are_over(joined(alert, verdict(group={}), 2))
