# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from giamsat_collector.enrol import agents
from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.errors import RefusedError
from support.enrolled import certified, enrolled

AN = enrolled()
BINH = enrolled("A2", key=b"K" * 32, bound=b"B" * 32)


def test_an_agent_is_read_as_it_was_written(connection):
    agents.add(connection, AN)

    assert agents.every(connection) == {"A1": AN}
    assert agents.find(connection, "A1") == AN
    assert agents.find(connection, "A2") is None
    assert agents.with_key(connection, AN.current.spki_sha256) == AN
    assert agents.with_key(connection, b"?" * 32) is None


@pytest.mark.parametrize("seen", [{"current": AN.current}, {"bound_spki_sha256": AN.bound_spki_sha256}])
def test_no_two_agents_share_a_key(connection, seen):
    agents.add(connection, AN)

    with pytest.raises(IntegrityError):
        agents.add(connection, replace(BINH, **seen))


def test_a_revoked_agent_stays_on_record_with_time_and_reason(connection):
    agents.add(connection, AN)

    agents.revoke(connection, "A1", "mất máy " * 100, 9)

    kept = agents.every(connection)["A1"]
    assert (kept.revoked_ns, len(kept.revoked_why)) == (9, 200)


@pytest.mark.parametrize("agent", ["A2", "A1"])
def test_only_an_agent_that_may_connect_can_be_revoked(connection, agent):
    agents.add(connection, AN)
    agents.revoke(connection, "A1", "first", 9)

    with pytest.raises(RefusedError, match="enrol agents"):
        agents.revoke(connection, agent, "second", 10)

    assert agents.every(connection)["A1"].revoked_why == "first"


def test_the_list_knows_an_agent_from_its_admission_to_its_end():
    told = []
    allowed = AllowList(lambda agent, why: told.append((agent, why)))
    allowed.keep(AN)
    allowed.keep(BINH)

    allowed.expel("A1", "stolen", 9)

    assert told == [("A1", "revoked: stolen")]
    assert allowed.find("A1") == replace(AN, revoked_ns=9, revoked_why="stolen")
    assert [agent.id for agent in allowed if agent.revoked_ns is None] == ["A2"]


def test_after_a_restart_the_list_is_what_the_database_holds(connection):
    agents.add(connection, AN)
    agents.add(connection, BINH)
    agents.revoke(connection, "A2", "gone", 9)
    allowed = AllowList(lambda agent, why: None)

    allowed.load(connection)

    assert (allowed.find("A1").revoked_ns, allowed.find("A2").revoked_ns) == (None, 9)
    assert allowed.find("A3") is None


def test_a_certificate_that_was_used_ends_the_one_before_it(connection):
    agents.add(connection, AN)
    later = certified(2, b"n" * 32, "60")

    agents.certify(connection, "A1", later)
    waiting = agents.find(connection, "A1")
    agents.confirm(connection, "A1", 2)
    agents.confirm(connection, "A1", 1)

    assert (waiting.current, waiting.pending) == (AN.current, later)
    assert agents.every(connection)["A1"] == replace(AN, current=later)
    assert agents.with_key(connection, AN.current.spki_sha256).id == "A1"


def test_a_lock_that_stands_is_kept_as_it_is(connection):
    agents.add(connection, AN)

    agents.lock(connection, "A1", "copied", 9)
    agents.lock(connection, "A1", "again", 10)

    kept = agents.find(connection, "A1")
    assert (kept.locked_ns, kept.refused) == (9, "locked: copied")


def test_what_a_backup_did_not_hold_is_caught_up_with_and_never_gone_back_from(connection):
    agents.add(connection, AN)
    agents.certify(connection, "A1", certified(2, b"2" * 32, "2"))
    forgotten = certified(4, b"4" * 32, "4")

    known = agents.catch_up(connection, "A1", forgotten)

    assert (known.current, known.pending) == (forgotten, None)
    assert agents.find(connection, "A1") == known
    for id_, again in (("A1", certified(4, b"5" * 32, "5")), ("A1", certified(3, b"3" * 32, "3")), ("A9", forgotten)):
        with pytest.raises(ValueError, match="none that was forgotten"):
            agents.catch_up(connection, id_, again)
