# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import create_engine

from giamsat_collector.alerts import detail, ledger
from giamsat_collector.alerts.alert import Relation
from giamsat_collector.alerts.causes import Placing
from support.tables import create_tables
from support.verdicts import PLACEMENT, recorded, verdict


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize(
    ("relation", "because"), [(Relation.SAME, ["source.ip 192.0.2.7"]), (Relation.CONSEQUENCE, [])]
)
def test_an_alert_is_read_with_what_stands_for_it_and_what_it_stands_for(connection, relation, because):
    cause, one = (recorded(connection, verdict(rule=rule), PLACEMENT, 5) for rule in ("r1", "r2"))
    ledger.place(connection, Placing(one.id, cause.id, relation=relation), 6)

    _, of_one = detail.read(connection, one.id)
    found, of_cause = detail.read(connection, cause.id)

    assert [of_one[name] for name in ("cause", "relation", "because", "stands_for")] == [cause.id, relation, because, 0]
    assert [of_cause[name] for name in ("cause", "relation", "because", "stands_for", "consequences")] == [
        *(None, None, [], 1),
        1,
    ]
    assert found == cause
    assert len(of_one["history"]) == 2


def test_an_alert_nobody_knows_is_refused(connection):
    with pytest.raises(ledger.UnknownAlertError):
        detail.read(connection, "unheard-of")
