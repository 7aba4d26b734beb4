# SPDX-License-Identifier: Apache-2.0
import itertools
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.event import listen

from giamsat_collector.alerts import ledger
from giamsat_collector.alerts.alert import Apart, GroupCount, State
from giamsat_collector.alerts.ledger import Entry
from giamsat_collector.alerts.lifecycle import MOVES, Action, ConflictError, Request, legal
from giamsat_collector.alerts.shape import as_full_json, as_json
from giamsat_collector.alerts.tables import alerts, offenders
from giamsat_collector.errors import RefusedError
from support.tables import create_tables
from support.verdicts import PLACEMENT, recorded, verdict


def database():
    engine = create_engine("sqlite://")
    create_tables(engine)
    return engine


@pytest.fixture
def connection():
    engine = database()
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def record(connection, *args, **kwargs):
    return recorded(connection, verdict(*args, **kwargs), PLACEMENT, 5)


def do(connection, alert, action, **words):
    return ledger.move(connection, alert.id, Request(action, "an", **words), 9)


def test_verdicts_of_one_rule_and_asset_are_one_alert_with_their_sum(connection):
    record(connection, 10, at=100)
    record(connection, 1, at=200, change="continued")
    alert = record(connection, 1, at=300, source="2001:db8::9", change="continued")

    assert (alert.count, alert.first_ns, alert.last_ns) == (12, 100, 300)
    assert alert.groups == (
        GroupCount({"source.ip": "192.0.2.7"}, 11, 100, 200),
        GroupCount({"source.ip": "2001:db8::9"}, 1, 300, 300),
    )
    assert ledger.get(connection, alert.id) == alert


def test_an_alert_ends_by_itself_with_the_last_of_what_it_told_of(connection):
    first = record(connection, 1, at=100, source="192.0.2.7")
    record(connection, 1, at=110, source="192.0.2.8")

    assert record(connection, 0, at=90, source="192.0.2.7", change="ended") is None, "told of again since"
    still = record(connection, 0, at=120, source="192.0.2.7", change="ended")
    assert (still.state, [group.over for group in still.groups]) == (State.NEW, [True, False])
    assert record(connection, 0, at=121, source="192.0.2.7", change="ended") is None
    ended = record(connection, 0, at=130, source="192.0.2.8", change="ended")

    assert (ended.id, ended.state, ended.condition_cleared, ended.count) == (first.id, State.RESOLVED, True, 2)
    assert record(connection, 0, at=140, source="192.0.2.8", change="ended") is None
    assert [one["over"] for one in as_full_json(ended, ())["groups"]] == [True, True]


def test_what_is_told_of_again_is_not_over(connection):
    record(connection, 1, at=100, source="192.0.2.7")
    record(connection, 1, at=100, source="192.0.2.8")
    record(connection, 0, at=110, source="192.0.2.7", change="ended")
    record(connection, 1, at=120, source="192.0.2.7")

    assert record(connection, 0, at=130, source="192.0.2.8", change="ended").state is State.NEW


def test_the_id_depends_on_the_verdict_alone():
    ids = []
    for _ in range(2):
        engine = database()
        with engine.begin() as connection:
            ids.append(record(connection, 3, at=77).id)
        engine.dispose()

    assert ids[0] == ids[1]


def test_the_level_of_the_system_makes_the_priority_and_unknown_counts_as_highest(connection):
    unknown = recorded(connection, verdict(rule="r2"), PLACEMENT.__class__("A1", "x", "u", "u", None, None), 5)

    assert record(connection).priority == 2
    assert unknown.priority == 1


def test_a_closed_alert_takes_no_more_and_a_new_one_opens(connection):
    first = record(connection, 4, at=100)
    do(connection, first, Action.RESOLVE, note="done")

    second = record(connection, 1, at=100)

    assert second.id != first.id
    assert ledger.get(connection, first.id).count == 4


def test_a_cleared_condition_resolves_its_alert_in_the_name_of_the_system(connection):
    alert = record(connection)

    cleared = record(connection, change="cleared", count=0)

    assert (cleared.id, cleared.state, cleared.condition_cleared) == (alert.id, State.RESOLVED, True)
    assert ledger.history(connection, alert.id)[-1].actor == "system"
    assert record(connection, change="cleared", count=0) is None


def test_groups_are_bounded_and_the_rest_is_summed(connection):
    for number in range(150):
        alert = record(connection, 1, at=number, source=f"192.0.2.{number}")

    assert len(alert.groups) == 101
    assert replace(alert.groups[-1], told={}) == GroupCount({}, 50, 100, 149)
    assert alert.count == 150


def test_acknowledging_makes_the_actor_the_owner(connection):
    alert = do(connection, record(connection), Action.ACKNOWLEDGE)

    assert (alert.state, alert.owner) == (State.ACKNOWLEDGED, "an")


def test_an_illegal_move_is_refused_with_the_legal_ones_and_changes_nothing(connection):
    alert = record(connection)

    with pytest.raises(RefusedError, match="possible: acknowledge, assign, resolve, false_positive, note"):
        do(connection, alert, Action.WAIT)

    assert ledger.get(connection, alert.id) == alert


@pytest.mark.parametrize(
    ("action", "words", "said"),
    [
        (Action.RESOLVE, {}, "needs a note"),
        (Action.RESOLVE, {"note": "  "}, "needs a note"),
        (Action.NOTE, {"note": "x" * 4_001}, "4001 characters"),
        (Action.ASSIGN, {"owner": ""}, "needs the name"),
    ],
)
def test_a_request_that_lacks_something_says_what(connection, action, words, said):
    with pytest.raises(RefusedError, match=said):
        do(connection, record(connection), action, **words)


def test_two_people_cannot_change_the_same_revision(connection):
    alert = record(connection)
    do(connection, alert, Action.ACKNOWLEDGE, revision=alert.revision)

    with pytest.raises(ConflictError, match="somebody else"):
        do(connection, alert, Action.RESOLVE, note="x", revision=alert.revision)


def test_an_unknown_alert_is_said_to_be_unknown(connection):
    with pytest.raises(ledger.UnknownAlertError, match="no such alert"):
        ledger.get(connection, "f" * 16)


@given(st.lists(st.sampled_from(list(Action)), max_size=12))
def test_every_legal_path_leaves_the_history_that_explains_it(actions):
    engine = database()
    with engine.begin() as connection:
        alert = record(connection)
        for action in actions:
            if action in legal(alert.state):
                alert = do(connection, alert, action, note="why", owner="binh")
        history = ledger.history(connection, alert.id)
    engine.dispose()

    assert history[-1].after == alert.state
    for before, after in itertools.pairwise(history):
        assert before.after == after.before
        assert after.before in MOVES[Action(after.action)][0]


@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from(["a", "b", "c"])), min_size=1, max_size=20))
def test_the_count_of_an_alert_and_of_its_groups_is_the_sum_of_its_verdicts(parts):
    engine = database()
    with engine.begin() as connection:
        for number, (count, source) in enumerate(parts):
            alert = record(connection, count, at=number, source=source)
    engine.dispose()

    assert alert.count == sum(count for count, _ in parts) == sum(group.count for group in alert.groups)


told_of = st.tuples(
    st.sampled_from(["r1", "r2"]),
    st.sampled_from(["192.0.2.7", "192.0.2.8"]),
    st.sampled_from(["raised", "raised", "ended", "cleared"]),
    st.sampled_from([None, None, None, Apart(1, 50), Apart(2, None)]),
)


@pytest.fixture(scope="module")
def empty():
    """A database; what is not committed leaves it empty."""
    engine = database()
    yield engine
    engine.dispose()


def rows_of(connection, table, *order):
    return [tuple(row) for row in connection.execute(select(table).order_by(*order))]


@given(st.lists(told_of, max_size=20))
def test_verdicts_that_are_recorded_together_leave_what_they_leave_one_after_the_other(empty, told):
    entries = [
        Entry(verdict(1, at=at, source=source, rule=rule, change=change), PLACEMENT, apart)
        for at, (rule, source, change, apart) in enumerate(told)
    ]
    left = []
    for parts in ([entries], [[entry] for entry in entries]):
        with empty.connect() as connection:
            found = [alert for part in parts for alert in ledger.record(connection, part, 5)]
            of_alert = {alert: ledger.history(connection, alert) for alert in {one.id for one in found}}
            its = rows_of(connection, alerts, alerts.c.id), rows_of(connection, offenders, *offenders.c)
            left.append((*its, of_alert))

    assert left[0] == left[1]


def test_an_alert_is_read_and_written_once_however_many_verdicts_it_is_told_of(connection):
    record(connection)
    asked = []
    listen(connection, "before_cursor_execute", lambda *words: asked.append(words[2].split()[0]))

    ledger.record(connection, [Entry(verdict(at=at), PLACEMENT) for at in range(2_000, 3_000)], 5)

    assert Counter(asked) == {"SELECT": 1, "UPDATE": 1}


def test_the_short_form_has_the_agreed_keys(connection):
    shape = as_json(record(connection, 3, at=1_700_000_000_123_000_000))

    assert shape["source"] == {"ip": "192.0.2.7"}
    assert shape["first"] == "2023-11-14T22:13:20.123Z"
    assert {"id", "rule", "asset", "unit", "system", "level", "severity", "priority", "state", "owner"} <= set(shape)
    assert {"count", "threshold", "last"} <= set(shape)


def test_the_full_form_tells_the_history(connection):
    alert = do(connection, record(connection), Action.RESOLVE, note="tường lửa đã chặn")

    shape = as_full_json(alert, ledger.history(connection, alert.id))

    assert [row["action"] for row in shape["history"]] == ["open", "resolve"]
    assert shape["history"][1]["note"] == "tường lửa đã chặn"
