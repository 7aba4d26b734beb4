# SPDX-License-Identifier: Apache-2.0
from sqlalchemy import create_engine

from giamsat_collector.fleet import BEATS, Contact, Fleet
from giamsat_collector.ingest.presence import Greeting
from support.clock import ManualClock
from support.tables import create_tables

S = 1_000_000_000


def greeted(clock, agent="a"):
    fleet = Fleet(clock)
    fleet.greeted(Greeting(agent, "srv", "0.1.0", 15.0, 3, "boot"))
    return fleet


def test_an_agent_is_stale_after_two_and_a_half_of_its_periods():
    clock = ManualClock()
    fleet = greeted(clock)

    clock.advance(37 * S)
    assert not fleet.stale("a")
    clock.advance(1 * S)
    assert fleet.stale("a")
    assert fleet.stale("nobody")


def test_a_clock_that_is_set_makes_no_agent_silent_and_hides_no_silence():
    clock = ManualClock()
    fleet = greeted(clock)
    fleet.heard("a", clock.wall_ns())
    clock.jump(7 * 3600 * S)
    after_a_leap = fleet.stale("a"), clock.wall_ns() - fleet.quiet_since_ns(fleet.contact("a"))
    clock.jump(-14 * 3600 * S)
    clock.advance(60 * S)

    assert after_a_leap == (False, 0)
    assert fleet.stale("a")
    assert clock.wall_ns() - fleet.quiet_since_ns(fleet.contact("a")) == 60 * S


def test_what_was_not_heard_while_the_collector_was_down_does_not_count_as_silence():
    clock = ManualClock()
    database = create_engine("sqlite://")
    create_tables(database)
    with database.begin() as connection:
        greeted(clock).save(connection)
        clock.advance(3600 * S)
        fleet = Fleet(clock)
        fleet.load(connection)
    database.dispose()

    (contact,) = fleet
    assert contact == Contact("a", "srv", "0.1.0", 15.0, 3, clock.wall_ns() - 3600 * S)
    assert fleet.quiet_since_ns(contact) == clock.wall_ns()


def test_a_goodbye_is_kept_until_the_agent_is_heard_again():
    fleet = greeted(ManualClock())

    fleet.left("a", "stopped")
    assert fleet.contact("a").left == "stopped"
    fleet.heard("a", 5)
    assert fleet.contact("a").left is None


def test_an_agent_that_is_forgotten_is_not_waited_for_until_it_greets_again():
    clock = ManualClock()
    fleet = greeted(clock)

    fleet.forget("a")
    fleet.heard("a", 5)

    assert list(fleet) == []
    assert fleet.contact("a") is None


def test_how_far_a_clock_is_off_follows_what_its_agent_tells_and_not_how_long_that_was_on_its_way():
    fleet = greeted(ManualClock())
    second = 1_000_000_000

    fleet.clocked("a", 2 * second)
    assert fleet.contact("a").offset_ns == 3
    for _ in range(BEATS):
        fleet.clocked("a", 20 * second)
    assert fleet.contact("a").offset_ns == 20 * second
    fleet.clocked("a", -second)
    assert fleet.contact("a").offset_ns == -second
    fleet.clocked("a stranger", 1)
    assert fleet.contact("a stranger") is None
