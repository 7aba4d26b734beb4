# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine

from giamsat_collector.availability import maintenance
from giamsat_collector.errors import RefusedError
from support.tables import create_tables

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HOUR = 3600 * 10**9


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    create_tables(engine)
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


@pytest.mark.parametrize("text", ["tomorrow", "9999-12-31T22:00", "0001-01-01T00:00", "9999-12-31T23:00-11:00"])
def test_a_time_that_is_none_or_that_nobody_means_is_refused(text):
    with pytest.raises(RefusedError, match="no time"):
        maintenance.moment(text, ZONE)


def test_times_are_of_the_zone_unless_they_say_another():
    local = maintenance.moment("2026-10-05T22:00", ZONE)

    assert local == maintenance.moment("2026-10-05 15:00Z", ZONE)
    with pytest.raises(RefusedError, match="write it as"):
        maintenance.moment("tối thứ hai", ZONE)


@pytest.mark.parametrize(
    ("level", "agreed", "at", "silent"),
    [
        (3, False, 10, True),
        (3, False, 12, False),
        (3, False, 9, False),
        (4, False, 11, False),
        (4, True, 11, True),
        (None, False, 11, False),
        (None, True, 11, True),
    ],
)
def test_a_maintenance_silences_within_its_time_and_at_the_high_levels_once_a_second_person_agreed(
    connection, level, agreed, at, silent
):
    declare(connection)
    if agreed:
        maintenance.agree(connection, 1, person="bình", at_ns=1)

    (one,) = maintenance.standing(connection, 0)

    assert one.silences(level, at * HOUR) is silent


def test_what_was_withdrawn_or_is_over_does_not_stand_and_nobody_can_agree_to_it(connection):
    declare(connection)
    declare(connection)
    maintenance.withdraw(connection, 1, author="an", at_ns=1)

    assert [one.id for one in maintenance.standing(connection, 0)] == [2]
    assert maintenance.standing(connection, 12 * HOUR) == ()
    for number, at in ((1, 1), (2, 12)):
        with pytest.raises(RefusedError, match="is in force"):
            maintenance.agree(connection, number, person="bình", at_ns=at * HOUR)


def test_nobody_can_agree_to_what_no_known_person_declared_and_it_still_stands(connection):
    maintenance.declare(connection, "S1", 10 * HOUR, 12 * HOUR, reason="x", author="uid 0", at_ns=0)

    with pytest.raises(RefusedError, match="log in with an account of your own and declare it again"):
        maintenance.agree(connection, 1, person="bình", at_ns=1)
    (one,) = maintenance.standing(connection, 0)
    assert (one.second, one.silences(3, 11 * HOUR), one.silences(4, 11 * HOUR)) == (None, True, False)
