# SPDX-License-Identifier: Apache-2.0
import base64
import json
from dataclasses import replace

import pytest

from giamsat_collector.control.actions import Actions
from giamsat_collector.enrol import agents, tokens
from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.enrol.authority import open_authority
from giamsat_collector.errors import RefusedError
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest.presence import Greeting
from giamsat_wire.record import Sample
from support.console import Console
from support.enrolled import enrolled

HOUR_NS = 3600 * 1_000_000_000
UNITS = "code,name_vi,kind\n40.412,Thành phố Vinh,district\n"
SYSTEMS = "id,name,unit,level\nS1,Thư điện tử,40.412,3\n"


class Office:
    """The actions, and what they act on."""

    def __init__(self, folder):
        self.console = Console()
        self.store, self.clock, self.registry = self.console.store, self.console.clock, self.console.registry
        self.fleet, self.pages, self.cut, self.changes = Fleet(self.clock), HostPages(), [], 0
        self.authority = open_authority(folder / "ca", self.clock)
        self.allow_list = AllowList(lambda agent, why: self.cut.append((agent, why)))
        self.actions = Actions(
            store=self.store,
            clock=self.clock,
            registry=self.registry,
            fleet=self.fleet,
            pages=self.pages,
            authority=self.authority,
            allow_list=self.allow_list,
            enrol_address="soc.example:7444",
            status=self._status,
            first_login=self._status,
            alerts_changed=self._changed,
        )

    async def _status(self):
        return {}

    def _changed(self):
        self.changes += 1

    async def do(self, command, **arguments):
        """What the socket would be answered, as JSON carries it."""
        return json.loads(json.dumps(await self.actions.commands()[command](**arguments)))

    def enrolled(self):
        agent = replace(enrolled(), hostname="tên-cũ")
        self.store.now(lambda connection: agents.add(connection, agent))
        self.allow_list.keep(agent)


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    yield office
    office.console.close()


def issued(office, **changes):
    given = {"unit": "40.412", "system": "S-A1", "uses": 1, "expires": "24h", "actor": "an"}
    return office.do("enrol.issue", **{**given, **changes})


async def test_an_issued_token_opens_what_it_was_issued_for_and_pins_our_root(office):
    answer = await issued(office)

    _, token_id, secret, pin = answer["token"].split(".")
    grant = office.store.now(lambda c: tokens.spend(c, token_id, secret, office.clock.wall_ns() + 24 * HOUR_NS - 1))
    assert (grant.unit, grant.system, answer["address"]) == ("40.412", "S-A1", "soc.example:7444")
    assert base64.b32decode(pin.upper()) == office.authority.root_spki_sha256[:20]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"unit": "40.999"}, "no such unit: 40.999; .*registry units"),
        ({"system": "S9"}, "no such system: S9; .*registry systems"),
        ({"expires": "soon"}, "'soon' is not a duration; write e.g. 30m"),
        ({"expires": "24"}, "not a duration"),
        ({"expires": "-1h"}, "not a duration"),
        ({"expires": "8d"}, "7 days"),
        ({"expires": "0m"}, "7 days"),
        ({"uses": 0}, "1 to 50 hosts, not 0"),
    ],
)
async def test_a_token_that_cannot_be_is_refused_with_what_can(office, changes, words):
    with pytest.raises(RefusedError, match=words):
        await issued(office, **changes)


async def test_hosts_are_listed_by_what_they_say_and_where_they_stand(office):
    office.enrolled()
    office.fleet.greeted(Greeting("A1", "tên-mới", "0.1.0", 15.0, 0, "b"))
    office.pages.update("A1", lambda: (Sample("x", 1.0),) * 3, {}, received_ns=0, period_s=15.0)

    (row,) = await office.do("enrol.agents")

    assert (row["hostname"], row["level"], row["state"], row["series"]) == ("tên-mới", 3, "live", 3)


async def test_revoking_cuts_the_agent_now_and_stays_after_a_restart(office):
    office.enrolled()

    await office.do("enrol.revoke", agent="A1", why="mất máy", actor="an")

    assert office.cut == [("A1", "revoked: mất máy (an)")]
    assert (await office.do("enrol.agents"))[0]["state"] == "revoked"
    assert office.store.now(agents.every)["A1"].revoked_ns == office.clock.wall_ns()


async def test_revoking_a_stranger_is_refused_and_cuts_nobody(office):
    with pytest.raises(RefusedError, match="no agent A9"):
        await office.do("enrol.revoke", agent="A9", why="x", actor="an")

    assert office.cut == []


async def test_alerts_are_listed_up_to_the_limit_and_it_is_said_that_there_are_more(office):
    office.console.raise_alerts(205)

    found = await office.do("alerts.list", filters=[], limit=203)
    everything = await office.do("alerts.list", filters=[["state", "open"]], limit=1_000)

    assert (len({alert["id"] for alert in found["alerts"]}), found["more"]) == (203, True)
    assert (len(everything["alerts"]), everything["more"]) == (205, False)


async def test_a_move_is_told_to_whoever_watches_and_stands_in_the_history(office):
    alert = office.console.raise_alert()

    moved = await office.do("alerts.move", alert=alert.id, action="acknowledge", actor="an", note="đang xem")

    shown = await office.do("alerts.show", alert=alert.id)
    assert (moved["state"], moved["owner"], office.changes) == ("acknowledged", "an", 1)
    assert shown["history"][-1]["actor"] == "an"
    assert shown["evidence"]


async def test_a_move_nobody_knows_is_refused_with_those_there_are(office):
    alert = office.console.raise_alert()

    with pytest.raises(RefusedError, match="acknowledge, assign"):
        await office.do("alerts.move", alert=alert.id, action="forget", actor="an")

    assert office.changes == 0


async def test_an_import_that_is_only_tried_changes_nothing(office):
    files = {"units": {"name": "u.csv", "text": UNITS.replace("40.412", "40.500").encode().decode("latin-1")}}

    tried = await office.do("registry.import", files=files, dry_run=True)
    units = await office.do("registry.units")
    done = await office.do("registry.import", files=files, dry_run=False)

    assert tried == done
    assert tried["units"] == {"added": 1, "changed": 0, "unchanged": 0}
    assert "40.500" not in {unit["id"] for unit in units}
    assert "Thành phố Vinh" in {unit["name"] for unit in await office.do("registry.units")}


async def test_an_import_with_a_problem_writes_nothing_at_all(office):
    files = {
        "units": {"name": "u.csv", "text": UNITS.replace("40.412", "40.500").encode().decode("latin-1")},
        "systems": {"name": "s.csv", "text": SYSTEMS.replace(",3", ",9").encode().decode("latin-1")},
    }

    answer = await office.do("registry.import", files=files, dry_run=False)

    assert answer["problems"][0].startswith("s.csv:2: level")
    assert "40.500" not in office.registry.units


async def test_bytes_that_are_not_utf_8_arrive_as_they_were_and_are_named(office):
    files = {"units": {"name": "u.csv", "text": "code,name_vi,kind\n40.500,Th\xe0nh,district\n"}}

    answer = await office.do("registry.import", files=files, dry_run=False)

    assert "UTF-8" in answer["problems"][0]


async def test_the_example_registry_is_503_units_and_512_systems_marked_as_examples(office):
    answer = await office.do("registry.example", dry_run=False)
    systems = [system for system in await office.do("registry.systems") if system["id"].startswith("VD-")]

    assert answer["problems"] == []
    assert (answer["units"]["added"] + answer["units"]["changed"] + answer["units"]["unchanged"]) == 503
    assert len(systems) == 512
    assert all(system["example"] for system in systems)


async def test_linking_changes_the_level_at_once(office):
    office.console.place(asset="A2", level=5)

    linked = await office.do("registry.link", asset="A1", system="S-A2")
    unlinked = await office.do("registry.unlink", asset="A1", system="S-A2")

    assert (linked, unlinked) == ({"level": 5}, {"level": 3})
    assert {row["asset"]: row["level"] for row in await office.do("registry.assets")} == {"A1": 3, "A2": 5}
