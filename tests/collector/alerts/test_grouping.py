# SPDX-License-Identifier: Apache-2.0
import json
import math

import pytest

from giamsat_collector.alerts.grouping import EVIDENCE, folded, joined, opened, searchable
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
