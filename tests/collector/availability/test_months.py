# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine

from giamsat_collector.availability import keeping, months
from giamsat_collector.availability.minutes import MINUTE_NS, Outage, Seen
from support.tables import create_tables

DECEMBER = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp()) // 60
NAMES = ("2026-11", "2026-12", "2027-01")


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_months_that_have_begun_stand_beside_each_other_for_the_assets_of_then(connection):
    names, none = frozenset({"portal"}), frozenset()
    keeping.record(connection, [Seen("h1", DECEMBER - 100, DECEMBER - 11, names, names, none)])
    keeping.record(connection, [Seen("h1", DECEMBER - 10, DECEMBER + 9, names, none, names)])
    keeping.record(connection, [Seen("h2", DECEMBER, DECEMBER + 9, names, names, none)])
    belonging = {"S1": ["h1"], "S2": ["h2"], "S3": ["h3"]}

    found = months.read(connection, dict.fromkeys(NAMES, belonging), UTC, (DECEMBER + 10) * MINUTE_NS)

    assert [one.name for one in found.months] == ["2026-11", "2026-12"]
    assert found.systems == {"S1", "S2"}
    assert found.whole("S1").ratio == 90 / 110
    assert found.whole("S1").outages == (Outage(DECEMBER - 10, 20),), "one that goes on over midnight is one"
    assert [one and one.ratio for one in found.each("S2")] == [None, 1.0]
