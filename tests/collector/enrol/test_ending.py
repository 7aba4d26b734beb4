# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_collector.enrol import agents, tokens
from giamsat_collector.enrol.ending import Ending, why
from giamsat_collector.enrol.tokens import TokenError
from support.console import Console
from support.enrolled import enrolled

GONE = {"40.999": "2026-06-30"}
DAY_NS = 86_400 * 10**9


class Enrolments:
    """Agents of two units, and a list of who may connect."""

    def __init__(self):
        self.console = Console()
        self.store, self.clock = self.console.store, self.console.clock
        self.cut, self.forgotten, self.gone = {}, [], {}
        self.units = {"A1": "40.999", "A2": "40.412"}
        self.allow_list = agents.AllowList(self.cut.__setitem__)
        for number, (agent, unit) in enumerate(self.units.items()):
            one = enrolled(agent, unit, bound=bytes([number]) * 32, key=bytes([number]) * 32, serial=str(number))
            self.store.now(lambda connection, one=one: agents.add(connection, one))
        self.store.now(self.allow_list.load)
        self.ending = Ending(
            store=self.store,
            allow_list=self.allow_list,
            clock=self.clock,
            gone=lambda: self.gone,
            unit_of=lambda agent: self.units[agent.id],
            forget=self.forgotten.append,
        )

    def refused(self, agent):
        """Why an agent may not connect: by the list, which rows must agree with."""
        stored = self.store.now(lambda connection: agents.find(connection, agent))
        assert stored.refused == self.allow_list.find(agent).refused
        return stored.refused


@pytest.fixture
def here():
    here = Enrolments()
    yield here
    here.console.close()


async def test_agents_of_a_unit_that_is_gone_are_parked_and_told_why_and_no_others(here):
    here.gone = GONE

    await here.ending.look()
    await here.ending.look()

    said = f"locked: {why('40.999', '2026-06-30')}"
    assert (here.refused("A1"), here.refused("A2")) == (said, None)
    assert (here.cut, here.forgotten) == ({"A1": said}, ["A1"])


async def test_when_something_follows_the_unit_after_all_its_agents_go_on(here):
    here.gone = GONE
    await here.ending.look()
    here.gone = {}

    await here.ending.look()

    assert here.refused("A1") is None


async def test_a_lock_for_another_reason_stands(here):
    here.store.now(lambda connection: agents.lock(connection, "A1", "copied", 1))
    here.allow_list.keep(replace(here.allow_list.find("A1"), locked_ns=1, locked_why="copied"))
    for here.gone in (GONE, {}):
        await here.ending.look()

    assert here.refused("A1") == "locked: copied"


async def test_tokens_of_a_unit_that_is_gone_can_no_longer_be_used(here):
    issued = {
        unit: here.store.now(
            lambda connection, unit=unit: tokens.issue(
                connection,
                unit=unit,
                system=None,
                uses=1,
                lifetime_ns=DAY_NS,
                root_pin=b"p" * 32,
                by="an",
                now_ns=here.clock.wall_ns(),
            )
        )
        for unit in ("40.999", "40.412")
    }
    here.gone = GONE
    await here.ending.look()

    def spent(unit):
        _, token, secret, _ = issued[unit].split(".")
        return here.store.now(lambda connection: tokens.spend(connection, token, secret, here.clock.wall_ns()))

    assert spent("40.412").unit == "40.412"
    with pytest.raises(TokenError, match="expired"):
        spent("40.999")
