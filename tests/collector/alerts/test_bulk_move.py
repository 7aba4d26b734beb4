# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import create_engine

from giamsat_collector.alerts import bulk_move, ledger
from giamsat_collector.alerts.bulk_move import Outcome, Seen
from giamsat_collector.alerts.lifecycle import Action, Request
from giamsat_collector.alerts.search import Filter
from support.tables import create_tables
from support.verdicts import PLACEMENT, recorded, verdict

ACKNOWLEDGE = Request(Action.ACKNOWLEDGE, "an")


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.begin() as connection:
        for number in range(4):
            recorded(connection, verdict(rule=f"r{number}"), PLACEMENT, 1_000)
        yield connection
    engine.dispose()


def test_each_that_can_is_moved_and_what_somebody_else_changed_or_nobody_has_is_counted(connection):
    first, second, third, _ = bulk_move.every(connection, Filter(), 10, 1_000)
    ledger.move(connection, second.alert, ACKNOWLEDGE, 2_000)
    chosen = [Seen(first.alert, 0), Seen(second.alert, 0), third, Seen("nobody's")]

    assert bulk_move.move(connection, chosen, ACKNOWLEDGE, 3_000) == Outcome(moved=2, left=2)
    assert [ledger.get(connection, one.alert).state for one in (first, second, third)] == ["acknowledged"] * 3
    assert ledger.history(connection, second.alert)[-1].at_ns == 2_000


def test_of_too_many_one_more_is_found(connection):
    assert [len(bulk_move.every(connection, Filter(), most, 1_000)) for most in (2, 4)] == [3, 4]
