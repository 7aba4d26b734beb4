# SPDX-License-Identifier: Apache-2.0
import asyncio

import pytest

from giamsat_collector.control.enrol import SLICE
from giamsat_collector.enrol import agents
from giamsat_collector.errors import RefusedError
from giamsat_collector.ingest.presence import Greeting
from giamsat_wire.record import Sample
from support.enrolled import enrolled
from support.office import Office


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    yield office
    office.console.close()


def issued(office, system=None):
    return office.do("enrol.issue", unit="40.412", system=system, uses=1, expires="24h")


async def test_hosts_are_listed_by_what_they_say_and_where_they_stand(office):
    office.enrolled()
    office.fleet.greeted(Greeting("A1", "tên-mới", "0.1.0", 15.0, 0, "b"))
    office.pages.update("A1", lambda: (Sample("x", 1.0),) * 3, {}, received_ns=0, period_s=15.0)

    (row,) = await office.do("enrol.agents")

    assert (row["hostname"], row["level"], row["state"], row["series"]) == ("tên-mới", 3, "live", 3)


async def test_a_list_of_many_hosts_lets_others_have_their_turn(office):
    for number in range(2 * SLICE):
        name = f"A{number}"
        office.allow_list.keep(enrolled(name))
        office.pages.update(name, lambda: (), {}, received_ns=0, period_s=15.0)
    asked, turns = asyncio.ensure_future(office.do("enrol.agents")), 0
    while not asked.done():
        turns += 1
        await asyncio.sleep(0)

    assert len(asked.result()) == 2 * SLICE
    assert turns > 2


async def test_revoking_cuts_the_agent_now_and_stays_after_a_restart(office):
    office.enrolled()

    await office.do("enrol.revoke", agent="A1", why="mất máy")

    assert office.cut == [("A1", "revoked: mất máy (an)")]
    assert (await office.do("enrol.agents"))[0]["state"] == "revoked"
    assert office.store.now(agents.every)["A1"].revoked_ns == office.clock.wall_ns()


async def test_revoking_a_stranger_is_refused_and_cuts_nobody(office):
    with pytest.raises(RefusedError, match="no agent A9"):
        await office.do("enrol.revoke", agent="A9", why="x")

    assert office.cut == []


async def test_the_status_says_of_each_unit_where_it_stands(office):
    before = {row["unit"]: row["state"] for row in await office.do("enrol.status")}
    await issued(office)
    invited = {row["unit"]: row["state"] for row in await office.do("enrol.status")}
    office.enrolled()
    office.fleet.greeted(Greeting("A1", "máy", "0.1.0", 15.0, 0, "b"))

    done = {row["unit"]: row for row in await office.do("enrol.status")}

    assert set(before.values()) == {"not_invited"}
    assert invited["40.412"] == "waiting"
    assert (done["40.412"]["state"], done["40.412"]["hosts"]) == ("done", 1)
    assert done["40.412"]["why"] == "1 trong 1 máy đang báo cáo / 1 of 1 hosts live"


async def test_the_status_names_the_tokens_that_still_count_so_that_a_lost_letter_can_be_withdrawn(office):
    token = (await issued(office, "S-A1"))["token"].split(".")[1]

    before = {row["unit"]: row["tokens"] for row in await office.do("enrol.status")}
    await office.do("enrol.withdraw", token=before["40.412"][0]["token"])
    after = {row["unit"]: row["tokens"] for row in await office.do("enrol.status")}

    assert [(one["token"], one["system"], one["issued_by"]) for one in before["40.412"]] == [(token, "S-A1", "an")]
    assert after["40.412"] == []


async def test_an_agent_without_recoveries_is_allowed_one_more(office):
    office.enrolled()
    office.store.now(lambda connection: [agents.spend_recovery(connection, "A1") for _ in range(3)])

    await office.do("enrol.recover", agent="A1")

    assert office.allow_list.find("A1").recovery_left == 1
    assert office.store.now(lambda connection: agents.find(connection, "A1")).recovery_left == 1
    with pytest.raises(RefusedError, match="by itself"):
        await office.do("enrol.recover", agent="A1")
