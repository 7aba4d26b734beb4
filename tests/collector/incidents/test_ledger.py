# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError, UnknownError
from giamsat_collector.incidents import ledger, search
from giamsat_collector.incidents.incident import Place, Report, State
from giamsat_collector.incidents.lifecycle import Action, Request
from support.incidents import HOUR, incident
from support.verdicts import PLACEMENT, recorded, verdict

SENT = Request(Action.SENT, "binh", report=Report.INITIAL, document="12/BC", sent_ns=120 * HOUR)


@pytest.fixture
def raised(connection):
    """Alerts raised in the 100th hour, the 99th, and so on."""
    return [recorded(connection, verdict(rule=f"r{back}"), PLACEMENT, (100 - back) * HOUR).id for back in range(4)]


def opened(connection, chosen, **changes):
    return ledger.opened(connection, incident(**changes), chosen)


def act(connection, number, action, **words):
    return ledger.move(connection, number, Request(action, "an", words.pop("note", "vì"), **words), 200 * HOUR)


def test_it_is_detected_when_the_first_of_its_alerts_was_raised_unless_somebody_said_otherwise(connection, raised):
    plain = opened(connection, raised[:2])
    said = opened(connection, raised[:2], detected_ns=98 * HOUR, detected_why="gọi điện")

    assert (plain.number, plain.detected_ns) == (1, 99 * HOUR)
    assert (said.number, said.detected_ns) == (2, 98 * HOUR)
    assert ledger.get(connection, 1) == plain
    (row,) = ledger.history(connection, 1)
    assert (row.action, row.actor, row.details) == ("open", "an", {"alerts": raised[:2], "detected_ns": 99 * HOUR})


def test_an_earlier_alert_moves_the_detection_back_and_taking_it_out_does_not_win_time(connection, raised):
    one = opened(connection, raised[:1])
    earlier = act(connection, one.number, Action.ADD, alerts=(raised[2],))
    after = act(connection, one.number, Action.REMOVE, alerts=(raised[2],))

    assert [one.detected_ns, earlier.detected_ns, after.detected_ns] == [100 * HOUR, 98 * HOUR, 98 * HOUR]
    assert [row.action for row in ledger.history(connection, one.number)] == ["open", "add", "remove"]
    assert ledger.history(connection, one.number)[1].details["detected_ns"] == [100 * HOUR, 98 * HOUR]
    assert [alert.id for alert in search.whole(connection, one.number).alerts] == [raised[0]]


def test_a_moment_that_somebody_said_stays_whatever_is_added(connection, raised):
    one = opened(connection, raised[:1], detected_ns=150 * HOUR, detected_why="xác minh")

    assert act(connection, one.number, Action.ADD, alerts=(raised[3],)).detected_ns == 150 * HOUR


@pytest.mark.parametrize(
    ("action", "which", "told"),
    [
        (Action.ADD, [], "at least one"),
        (Action.ADD, [0], "already"),
        (Action.ADD, [2, 2], "twice"),
        (Action.REMOVE, [2], "not one of its"),
        (Action.REMOVE, [], "at least one stays"),
        (Action.REMOVE, [0, 1], "at least one stays"),
    ],
)
def test_an_alert_is_added_once_and_one_always_stays(connection, raised, action, which, told):
    one = opened(connection, raised[:2])

    with pytest.raises(RefusedError, match=told):
        act(connection, one.number, action, alerts=tuple(raised[at] for at in which))


def test_an_alert_that_is_not_there_opens_nothing(connection):
    with pytest.raises(UnknownError, match="no such alert: 0a"):
        opened(connection, ["0a"])
    assert search.listed(connection, State).rows == ()


def test_so_many_alerts_and_no_more(connection, raised, monkeypatch):
    monkeypatch.setattr(ledger, "MOST", 2)
    one = opened(connection, raised[:2])

    with pytest.raises(RefusedError, match="2 alerts at most"):
        act(connection, one.number, Action.ADD, alerts=(raised[2],))


def test_a_report_stays_on_record_when_it_is_withdrawn_and_is_owed_again(connection, raised):
    one = opened(connection, raised[:1], serious=True)
    for report in (Report.INITIAL, Report.FULL):
        act(connection, one.number, Action.SENT, report=report, document="12/BC", sent_ns=120 * HOUR)
    act(connection, one.number, Action.WITHDRAW, report=Report.FULL, note="ghi nhầm")

    assert [(row.report, row.withdrawn_ns) for row in ledger.sent(connection, one.number)] == [
        (Report.INITIAL, None),
        (Report.FULL, 200 * HOUR),
    ]
    with pytest.raises(RefusedError, match="not sent: full"):
        act(connection, one.number, Action.CLOSE)
    with pytest.raises(RefusedError, match="no report of this kind"):
        act(connection, one.number, Action.WITHDRAW, report=Report.FULL)


def test_it_is_closed_when_all_is_sent_or_when_nothing_is_owed(connection, raised):
    quiet, serious = (opened(connection, raised[:1], serious=one) for one in (False, True))
    act(connection, quiet.number, Action.CLOSE)
    act(connection, serious.number, Action.CHANGE, values={"serious": False})
    act(connection, serious.number, Action.CLOSE)

    assert search.counts(connection) == {State.OPEN: 0, State.CLOSED: 2}


def test_one_that_is_not_there_says_where_they_are(connection):
    for number in (9, 0, -1, 1 << 70):
        with pytest.raises(ledger.UnknownIncidentError, match="incidents list"):
            act(connection, number, Action.NOTE)


def test_what_a_person_told_of_is_where_they_say_and_counts_from_when_it_was_told_or_an_alert_raised(
    connection, raised
):
    told = opened(connection, [], unit="u", system="S", level=3, told_by="gọi điện", detected_ns=101 * HOUR)
    assert search.whole(connection, told.number).places == (Place("u", "S", 3),)
    (row,) = search.listed(connection, [State.OPEN]).rows
    assert (row.places, row.alerts) == ((Place("u", "S", 3),), 0)

    added = act(connection, told.number, Action.ADD, alerts=tuple(raised[:1]))
    assert (told.detected_ns, added.detected_ns) == (101 * HOUR, 100 * HOUR)
    assert len(search.whole(connection, told.number).places) == 2
    act(connection, told.number, Action.REMOVE, alerts=tuple(raised[:1]))
    assert search.whole(connection, told.number).alerts == ()
    for nothing in ({"unit": ""}, {"told_by": ""}):
        with pytest.raises(RefusedError, match="no alert tells of it"):
            act(connection, told.number, Action.CHANGE, values=nothing)
    moved = act(connection, told.number, Action.CHANGE, values={"unit": "v", "system": None, "level": None})
    assert moved.places == (Place("v", None, None),)


def test_the_last_alert_stays_where_nobody_told_of_it(connection, raised):
    placed = opened(connection, raised[:1], unit="u")

    with pytest.raises(RefusedError, match="at least one stays"):
        act(connection, placed.number, Action.REMOVE, alerts=tuple(raised[:1]))
    act(connection, placed.number, Action.CHANGE, values={"unit": ""})


def test_one_without_alerts_and_without_a_place_is_none(connection):
    with pytest.raises(RefusedError, match="name at least one"):
        opened(connection, [])
