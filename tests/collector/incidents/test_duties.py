# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.incidents import duties
from giamsat_collector.incidents.duties import Standing
from giamsat_collector.incidents.incident import Report
from support.incidents import HOUR, incident, sent

BOTH = {Report.INITIAL: 24, Report.FULL: 72}
AT_ONCE = {Report.IMMEDIATE: 0, **BOTH}


@pytest.mark.parametrize(
    ("found", "hours"),
    [
        ({}, {}),
        ({"serious": True}, BOTH),
        ({"security_interest": True}, AT_ONCE),
        ({"interruption": True}, AT_ONCE),
        ({"personal_data": True}, {Report.PERSONAL_DATA: 72}),
        ({"serious": True, "personal_data": True}, {**BOTH, Report.PERSONAL_DATA: 72}),
    ],
    ids=["nothing", "serious", "security", "interruption", "personal", "both"],
)
def test_what_is_owed_follows_from_what_was_found_and_counts_from_detection(found, hours):
    owed = duties.owed(incident(**found), ())

    assert {one.duty.report: (one.due_ns - 100 * HOUR) // HOUR for one in owed} == hours


def test_personal_data_goes_to_a_second_addressee_by_another_law():
    police, others = [], []
    for one in duties.owed(incident(serious=True, interruption=True, personal_data=True), ()):
        (others if "91/2025" in one.duty.law else police).append((one.duty.report, one.duty.addressee))

    assert [report for report, _ in others] == [Report.PERSONAL_DATA]
    assert {addressee for _, addressee in police}.isdisjoint(addressee for _, addressee in others)
    assert len({addressee for _, addressee in police}) == 1


def test_a_deadline_comes_near_four_hours_before_and_is_missed_after_its_last_moment():
    initial, full = duties.owed(incident(serious=True), ())

    moments = (20 * HOUR - 1, 20 * HOUR, 24 * HOUR, 24 * HOUR + 1)
    assert [initial.standing(100 * HOUR + at) for at in moments] == [
        Standing.DUE,
        Standing.NEAR,
        Standing.NEAR,
        Standing.LATE,
    ]
    assert (initial.left_ns(123 * HOUR), initial.left_ns(125 * HOUR)) == (HOUR, -HOUR)
    assert full.standing(125 * HOUR) is Standing.DUE


def test_what_is_due_at_once_is_late_until_it_is_sent():
    (at_once, *_) = duties.owed(incident(interruption=True), ())

    assert at_once.standing(100 * HOUR + 1) is Standing.LATE


def test_the_first_that_was_sent_counts_and_one_that_was_withdrawn_does_not():
    both = (sent(at_ns=126 * HOUR), sent(at_ns=123 * HOUR), sent(at_ns=101 * HOUR, withdrawn_ns=1))
    (initial, full) = duties.owed(incident(serious=True), both)

    assert (initial.standing(500 * HOUR), initial.left_ns(500 * HOUR)) == (Standing.SENT, HOUR)
    assert [one.duty.report for one in duties.unsent(incident(serious=True), both)] == [full.duty.report]


def test_late_is_what_missed_a_number_of_hours_and_at_once_is_none():
    both = [sent(at_ns=126 * HOUR), sent(Report.IMMEDIATE, at_ns=126 * HOUR), sent(Report.FULL)]

    assert [one.was_late for one in duties.owed(incident(interruption=True), both)] == [False, True, False]


def test_a_report_that_went_out_late_says_by_how_much():
    (initial, _) = duties.owed(incident(serious=True), [sent(at_ns=126 * HOUR)])

    assert initial.left_ns(500 * HOUR) == -2 * HOUR
