# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import timedelta

import pytest

from giamsat_collector.console.role import Role
from giamsat_collector.console.sessions import Lifetime
from support.console import SECOND, Console


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    console.has_user("binh", role=Role.ANALYST)
    yield console
    console.close()


async def test_somebody_reads_where_they_are_logged_in_and_no_session_of_another(console):
    await console.logged_in("binh")
    await console.logged_in()
    console.clock.advance(60 * SECOND)
    here = await console.logged_in()

    page = (await here.get("/sessions")).text

    assert page.count("<bdi>192.0.2.1</bdi>") == 2
    assert page.index("05:14:20") < page.index("phiên này") < page.index("05:13:20")
    assert 'href="/sessions"' in (await here.get("/alerts")).text
    assert "this one" in (await here.get("/sessions?lang=en")).text


async def test_all_others_are_ended_and_nobody_elses(console):
    another, of_binh, here = await console.logged_in(), await console.logged_in("binh"), await console.logged_in()

    answer = await here.act("/sessions", {"action": "end"}, page="/sessions")

    assert (answer.status, (await here.get("/sessions")).status) == (303, 200)
    assert (await another.get("/alerts")).status == 303
    assert (await of_binh.get("/alerts")).status == 200
    assert '/sessions"' not in (await here.get("/sessions")).text.split("<table>")[1], (
        "with one there is nothing to end"
    )


async def test_ending_takes_the_password_as_who_took_the_session_would_throw_its_owner_out(console):
    await console.logged_in("binh")
    taken = await console.logged_in("binh")
    console.clock.advance(301 * SECOND)

    assert (await taken.act("/sessions", {"action": "end"}, page="/sessions")).status == 403


@pytest.mark.parametrize(("minutes", "said"), [(1, "for 1 minute ends"), (45, "for 45 minutes ends")])
async def test_how_long_a_session_lasts_without_use_is_told_as_it_is_set(minutes, said):
    console = Console()
    console.services = replace(console.services, lifetime=Lifetime(idle=timedelta(minutes=minutes)))
    console.has_user()
    here = await console.logged_in()

    assert f"Phiên không dùng {minutes} phút" in (await here.get("/sessions")).text
    assert said in (await here.get("/sessions?lang=en")).text
    console.close()
