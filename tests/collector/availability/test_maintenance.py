# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine

from giamsat_collector.availability import maintenance
from giamsat_collector.errors import RefusedError
from giamsat_collector.schema import metadata

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HOUR = 3600 * 10**9


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def declare(connection, begin=10, end=12, *, reason="nâng cấp", at=9):
    maintenance.declare(connection, "S1", begin * HOUR, end * HOUR, reason=reason, author="an", at_ns=at * HOUR)


def test_a_declaration_says_whether_it_was_made_in_advance_and_stays_when_it_is_withdrawn(connection):
    declare(connection)
    declare(connection, at=13)
    maintenance.withdraw(connection, 1, author="bình", at_ns=20 * HOUR)

    one, other = maintenance.between(connection, 11 * HOUR, 12 * HOUR)

    assert (one.in_advance, other.in_advance) == (True, False)
    assert (one.withdrawn_by, other.withdrawn_by) == ("bình", None)
    assert (one.reason, one.author) == ("nâng cấp", "an")
    assert maintenance.between(connection, 12 * HOUR, 13 * HOUR) == ()


@pytest.mark.parametrize("wrong", [{"begin": 12}, {"end": 10_000}, {"reason": "  "}])
def test_what_is_no_maintenance_is_refused(connection, wrong):
    with pytest.raises(RefusedError):
        declare(connection, **wrong)


def test_what_is_not_there_or_withdrawn_cannot_be_withdrawn(connection):
    declare(connection)
    maintenance.withdraw(connection, 1, author="an", at_ns=1)

    for number in (1, 2):
        with pytest.raises(RefusedError, match="no maintenance"):
            maintenance.withdraw(connection, number, author="an", at_ns=1)


def test_times_are_of_the_zone_unless_they_say_another():
    local = maintenance.moment("2026-10-05T22:00", ZONE)

    assert local == maintenance.moment("2026-10-05 15:00Z", ZONE)
    with pytest.raises(RefusedError, match="write it as"):
        maintenance.moment("tối thứ hai", ZONE)
