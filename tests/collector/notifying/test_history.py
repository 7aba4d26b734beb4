# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import create_engine

from giamsat_collector.alerts import ledger
from giamsat_collector.alerts.alert import Apart
from giamsat_collector.alerts.lifecycle import Action, Request
from giamsat_collector.notify_settings import What
from giamsat_collector.notifying import history
from support.tables import create_tables
from support.verdicts import PLACEMENT, recorded, verdict


@pytest.fixture
def rows():
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def since(rows, number=0, most=100):
    return [(what, alert.id) for _, what, _, alert in history.since(rows, number, most)]


def test_what_opens_closes_and_opens_again_is_told_and_what_people_do_in_between_is_not(rows):
    alert = recorded(rows, verdict(), PLACEMENT, 10)
    for action in (Action.ACKNOWLEDGE, Action.RESOLVE, Action.REOPEN):
        ledger.move(rows, alert.id, Request(action, "an", note="xong"), 20)
    recorded(rows, verdict(at=2_000), PLACEMENT, 30)

    assert since(rows) == [(What.OPEN, alert.id), (What.CLOSE, alert.id), (What.REOPEN, alert.id)]
    first = history.since(rows, 0, 1)
    assert [row[1] for row in first] == [What.OPEN]
    assert since(rows, first[0][0]) == [(What.CLOSE, alert.id), (What.REOPEN, alert.id)]


def test_an_alert_that_leaves_maintenance_is_news(rows):
    alert = recorded(rows, verdict(), PLACEMENT, 10, Apart(1, 50))
    newest = history.newest(rows)

    assert ledger.surface(rows, 50) == 1
    assert since(rows, newest) == [(What.OPEN, alert.id)]

    other = recorded(rows, verdict(rule="other"), PLACEMENT, 60, Apart(1, None))
    newest = history.newest(rows)
    recorded(rows, verdict(rule="other", at=9_000), PLACEMENT, 70)
    assert since(rows, newest) == [(What.OPEN, other.id)]


def test_a_new_notifier_begins_with_what_is_still_to_come(rows):
    recorded(rows, verdict(), PLACEMENT, 10)

    assert history.reached(rows, "mail") is None
    assert history.begin(rows, "mail") == history.reached(rows, "mail") == history.newest(rows)
    history.reach(rows, "mail", 7)
    assert history.reached(rows, "mail") == 7


def test_one_that_was_taken_out_and_comes_back_begins_anew(rows):
    for name in ("mail", "siem"):
        history.begin(rows, name)

    history.keep_only(rows, ["siem"])

    assert history.reached(rows, "mail") is None
    assert history.reached(rows, "siem") is not None
