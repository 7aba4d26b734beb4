# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.incidents import as_of, ledger
from giamsat_collector.incidents.duties import Standing
from giamsat_collector.incidents.incident import Group, Report, State
from giamsat_collector.incidents.lifecycle import Action, Request
from support.incidents import HOUR, incident
from support.verdicts import PLACEMENT, recorded, verdict


@pytest.fixture
def number(connection):
    """An incident that was opened in the 101st hour, judged anew in the 130th and 140th, and closed in the 150th."""
    alert = recorded(connection, verdict(), PLACEMENT, 100 * HOUR).id
    kept = ledger.opened(connection, incident(serious=True), [alert])

    def act(hour, action, **words):
        ledger.move(connection, kept.number, Request(action, "an", "vì", **words), hour * HOUR)

    act(110, Action.SENT, report=Report.INITIAL, document="1", sent_ns=110 * HOUR)
    act(120, Action.WITHDRAW, report=Report.INITIAL)
    act(130, Action.CHANGE, values={"group": Group.DOS, "detected_ns": 99 * HOUR})
    act(140, Action.CHANGE, values={"serious": False, "cause": "x"})
    act(150, Action.CLOSE)
    return kept.number


def stood(connection, hour):
    (one,) = as_of.read(connection, hour * HOUR)
    return one


def test_an_incident_is_told_as_it_stood_then(connection, number):
    found = [stood(connection, hour).incident for hour in (105, 135, 145, 151)]

    assert [(one.group, one.serious, one.detected_ns // HOUR, one.state) for one in found] == [
        (Group.INTRUSION, True, 100, State.OPEN),
        (Group.DOS, True, 99, State.OPEN),
        (Group.DOS, False, 99, State.OPEN),
        (Group.DOS, False, 99, State.CLOSED),
    ]
    assert found[-1] == ledger.get(connection, number)


def test_so_are_its_reports(connection, number):
    def standings(hour):
        return [one.standing(hour * HOUR) for one in stood(connection, hour).owed]

    assert standings(115) == [Standing.SENT, Standing.DUE]
    assert standings(125) == [Standing.LATE, Standing.DUE]
    assert standings(151) == []


def test_before_it_was_opened_there_was_none(connection, number):
    assert as_of.read(connection, 101 * HOUR) == ()
