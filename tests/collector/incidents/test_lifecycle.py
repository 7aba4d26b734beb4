# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_collector.alerts.lifecycle import ConflictError
from giamsat_collector.errors import RefusedError
from giamsat_collector.incidents.incident import Report, State
from giamsat_collector.incidents.lifecycle import Action, Request, decide, legal
from support.incidents import HOUR, incident

CLOSED = incident(state=State.CLOSED, closed_ns=1)
SENT = Request(Action.SENT, "an", report=Report.INITIAL, document="12/BC", sent_ns=101 * HOUR)


def change(note="vì", **values):
    return Request(Action.CHANGE, "an", note, values=values)


def test_a_closed_incident_takes_notes_and_is_opened_again_and_nothing_else():
    assert set(legal(State.CLOSED)) == {Action.NOTE, Action.REOPEN}
    assert Action.REOPEN not in legal(State.OPEN)
    for action in set(Action) - {Action.NOTE, Action.REOPEN}:
        with pytest.raises(RefusedError, match="not possible while closed"):
            decide(CLOSED, Request(action, "an", "vì"), 5)


def test_what_changes_a_deadline_needs_a_reason_and_other_words_do_not():
    judged = {"serious": True, "security_interest": True, "personal_data": True, "persons": 5, "detected_ns": 99 * HOUR}
    for name, value in judged.items():
        with pytest.raises(RefusedError, match=f"who changes {name} says why"):
            decide(incident(), change("  ", **{name: value}), 5)

    changed, row = decide(incident(), change("", cause="lỗ hổng"), 5)
    assert (changed.cause, changed.revision, row.details) == ("lỗ hổng", 1, {"cause": ["", "lỗ hổng"]})


def test_another_moment_of_detection_keeps_why():
    changed, row = decide(incident(), change("đơn vị gọi điện", detected_ns=99 * HOUR), 5)

    assert (changed.detected_ns, changed.detected_why) == (99 * HOUR, "đơn vị gọi điện")
    assert row.details == {"detected_ns": [100 * HOUR, 99 * HOUR]}
    assert decide(incident(), change(serious=True), 5)[0].detected_why == ""


def test_a_change_that_changes_nothing_leaves_no_row():
    with pytest.raises(RefusedError, match="nothing is different"):
        decide(incident(), change(serious=False, cause=""), 5)


def test_it_is_closed_once_nothing_is_owed_any_more_and_opened_again_with_a_reason():
    close = Request(Action.CLOSE, "an", "đã khắc phục")
    with pytest.raises(RefusedError, match=r"not sent: full, initial.*incidents sent 7"):
        decide(incident(), close, 5, {Report.INITIAL, Report.FULL})
    closed, row = decide(incident(), close, 5)
    again, _ = decide(closed, Request(Action.REOPEN, "an", "tái diễn"), 6)

    assert (closed.state, closed.closed_ns, row.before, row.after) == (State.CLOSED, 5, State.OPEN, State.CLOSED)
    assert (again.state, again.closed_ns) == (State.OPEN, None)


@pytest.mark.parametrize("action", [Action.CLOSE, Action.NOTE, Action.REMOVE, Action.WITHDRAW])
def test_some_moves_need_a_note(action):
    with pytest.raises(RefusedError, match="needs a note"):
        decide(incident(), Request(action, "an", " "), 5)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"document": "  "}, "--document"),
        ({"document": "x" * 201}, "--document"),
        ({"report": None}, "which report: immediate, initial"),
        ({"sent_ns": 99 * HOUR}, "after the detection"),
        ({"sent_ns": 103 * HOUR}, "not in the future"),
    ],
)
def test_a_report_was_sent_by_a_document_between_detection_and_now(changes, said):
    assert decide(incident(), SENT, 102 * HOUR)[1].details["document"] == "12/BC"
    with pytest.raises(RefusedError, match=said):
        decide(incident(), replace(SENT, **changes), 102 * HOUR)


def test_a_report_may_be_sent_in_the_minute_of_the_detection():
    detected = incident(detected_ns=100 * HOUR + 40 * 10**9)

    _, row = decide(detected, replace(SENT, sent_ns=100 * HOUR), 102 * HOUR)
    assert row.details["sent_ns"] == 100 * HOUR
    with pytest.raises(RefusedError, match="after the detection"):
        decide(detected, replace(SENT, sent_ns=100 * HOUR - 1), 102 * HOUR)


def test_who_looked_at_an_older_state_is_told():
    with pytest.raises(ConflictError):
        decide(incident(revision=2), Request(Action.NOTE, "an", "x", revision=1), 5)


def test_a_note_has_a_bound():
    with pytest.raises(RefusedError, match="at most 4000"):
        decide(incident(), Request(Action.NOTE, "an", "x" * 4001), 5)
