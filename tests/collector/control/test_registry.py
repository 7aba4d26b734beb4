# SPDX-License-Identifier: Apache-2.0
import csv
import io
from datetime import UTC

import pytest

from giamsat_collector.control.registry import RegistryCommands
from giamsat_collector.enrol import agents
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry.fact_ledger import host_enrolled, settle
from giamsat_collector.registry.intake import example_of_2025
from giamsat_collector.registry.snapshot import Registry
from support.enrolled import enrolled
from support.office import Office

UNITS = "code,name_vi,kind\n40.412,Thành phố Vinh,district\n"
JULY_2025_NS = 1_753_000_000_000_000_000
SYSTEMS = "id,name,unit,level\nS1,Thư điện tử,40.412,3\n"


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    yield office
    office.console.close()


def a_file(**texts):
    """Files as the socket carries them."""
    return {kind: {"name": f"{kind}.csv", "text": text.encode().decode("latin-1")} for kind, text in texts.items()}


def enrol(connection, agent, unit):
    host_enrolled(connection, agent_id=agent, unit=unit, system=None, hostname=agent, at_ns=0)


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

    assert answer["problems"][0] == (
        "s.csv:2: level: “9” không phải là một trong: 1, 2, 3, 4, 5 / '9' is not one of 1, 2, 3, 4, 5"
    )
    assert "40.500" not in office.registry.units


async def test_bytes_that_are_not_utf_8_arrive_as_they_were_and_are_named(office):
    files = {"units": {"name": "u.csv", "text": "code,name_vi,kind\n40.500,Th\xe0nh,district\n"}}

    answer = await office.do("registry.import", files=files, dry_run=False)

    assert "UTF-8" in answer["problems"][0]


async def test_what_the_reform_made_of_an_empty_registry_is_refused_in_one_sentence(office):
    commands = RegistryCommands(office.console.store, office.console.clock, Registry(), UTC, amending=None)
    with pytest.raises(RefusedError, match="run 'giamsat-collector registry example' first"):
        await commands.example(None, dry_run=True, year=2025)


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
    assert {row["asset"]: row["level"] for row in await office.do("registry.placements")} == {"A1": 3, "A2": 5}


async def test_an_asset_reads_the_same_with_and_without_a_day(office):
    now, then = await office.do("registry.assets"), await office.do("registry.assets", as_of="2023-11-14")

    assert now == then
    assert [(one["id"], one["unit"], one["systems"]) for one in now] == [("A1", "40.412", ["S-A1"])]


async def test_what_cannot_be_is_said_with_its_line_and_nothing_is_done(office):
    lines = "effective,operation,id,to\n2025-07-01,merge,40.412,40.413\n"

    answer = await office.do("registry.import", files=a_file(changes=lines), dry_run=False)

    assert answer["problems"][0].startswith("changes.csv:2: to: “40.413” chưa có trong sổ; ")
    assert " / '40.413' is not registered; " in answer["problems"][0]
    assert answer["steps"] == []


async def test_a_preview_shows_every_field_that_changes_and_the_log_says_who_did_it(office):
    files = a_file(changes="effective,operation,id,value\n1970-01-02,rename,40.412,Phường Vinh\n")

    tried = await office.do("registry.import", files=files, dry_run=True)
    done = await office.do("registry.import", files=files, dry_run=False, document="12/NQ")
    again = await office.do("registry.import", files=files, dry_run=False)

    assert tried == done
    assert (again["steps"], again["unchanged"]) == ([], 1)
    (step,) = done["steps"]
    assert (step["kind"], step["id"], step["effective"]) == ("unit", "40.412", "1970-01-02")
    assert step["fields"]["name"][1] == "Phường Vinh"
    newest = (await office.do("registry.log"))[0]
    assert (newest["actor"], newest["what"], newest["document"], newest["facts"]) == (
        "an",
        "import changes.csv",
        "12/NQ",
        1,
    )


def succession():
    """The commune that takes the place of each of 412, as it was published."""
    text = example_of_2025()["changes"].data.decode()
    return {row["id"]: row["to"] for row in csv.DictReader(io.StringIO(text))}


async def test_in_the_reform_of_2025_every_agent_ends_in_its_communes_successor(office):
    await office.do("registry.example", dry_run=False)
    heirs = succession()
    communes = [unit["id"] for unit in await office.do("registry.units") if unit["kind"] == "commune"]
    office.store.now(lambda c: [enrol(c, f"agent-{unit}", unit) for unit in [*communes, "40.412"]])
    office.clock.advance(JULY_2025_NS - office.clock.wall_ns())
    level_before = {row["id"]: row["level"] for row in await office.do("registry.systems")}

    done = await office.do("registry.example", year=2025, dry_run=False)

    assert (len(heirs), len(set(heirs.values())), done["units"]["added"], len(done["steps"])) == (412, 130, 130, 412)
    assert done["problems"] == []
    registry = office.registry
    assert {unit: registry.unit(f"agent-{unit}") for unit in communes} == {
        unit: heirs.get(unit, unit) for unit in communes
    }
    assert registry.unit("agent-40.412") == "40.412"
    assert {system.id: system.level for system in registry.systems.values()} == level_before
    assert {registry.systems[one].unit for one in level_before}.isdisjoint(heirs)


async def test_the_province_reads_the_same_on_either_side_of_the_reform_whenever_it_is_asked(office):
    await office.do("registry.example", dry_run=False)
    listings = {}
    for kind in ("units", "systems", "assets"):
        listings[kind] = await office.do(f"registry.{kind}", as_of="2025-06-30")
    office.clock.advance(JULY_2025_NS - office.clock.wall_ns())
    await office.do("registry.example", year=2025, dry_run=False)

    for kind, before in listings.items():
        assert await office.do(f"registry.{kind}", as_of="2025-06-30") == before
    after = await office.do("registry.units", as_of="2025-07-01")
    assert (len(before_units := listings["units"]), len(after)) == (503, 503 - 412 + 130)
    assert {unit["id"] for unit in before_units} - {unit["id"] for unit in after} == set(succession())
    assert await office.do("registry.units", as_of="2025-07-01", as_told="1969-12-31") == []


@pytest.mark.parametrize("day", ["31/12/2023", "2023"])
async def test_a_day_that_is_none_is_refused(office, day):
    with pytest.raises(RefusedError, match="2025-07-01"):
        await office.do("registry.units", as_of=day)


async def test_alerts_of_a_unit_are_asked_for_under_the_one_that_took_its_place(office):
    alert = office.console.raise_alert()
    files = a_file(
        units="code,name_vi,kind\n40.1,Phường Thành Vinh,commune\n",
        changes="effective,operation,id,to\n2023-11-01,merge,40.412,40.1\n",
    )
    await office.do("registry.import", files=files, dry_run=False)

    async def asked(unit):
        found = await office.do("alerts.list", filters=[["unit", unit]], limit=10)
        return [(one["id"], one["unit"]) for one in found["alerts"]]

    assert await asked("40.1") == await asked("40.412") == [(alert.id, "40.412")]
    assert await asked("40.2") == []


async def test_a_unit_that_nothing_follows_leaves_the_totals_and_its_agents_are_parked_from_that_day_on(office):
    office.store.now(lambda c: enrol(c, "A7", "40.412"))
    agent = enrolled("A7", "40.412")
    office.store.now(lambda c: agents.add(c, agent))
    office.allow_list.keep(agent)
    office.store.now(office.registry.load)
    files = a_file(systems=SYSTEMS, changes="effective,operation,id\n2030-01-01,end,40.412\n")

    tried = await office.do("registry.import", files=files, dry_run=True)
    await office.do("registry.import", files=files, dry_run=False)

    assert tried["ends"] == [{"unit": "40.412", "last_day": "2029-12-31", "hosts": ["A7", "máy-chủ-1"]}]
    assert "S1" in office.registry.systems
    assert office.allow_list.find("A7").refused is None
    then_ns = 1_900_000_000_000_000_000
    office.store.now(lambda c: settle(c, 0, then_ns))
    office.store.now(office.registry.load)
    await office.ending.look()
    assert "S1" not in office.registry.systems
    assert "40.412 stood until 2029-12-31" in office.allow_list.find("A7").refused
    assert "S1" in {one["id"] for one in await office.do("registry.systems", as_of="2029-12-31")}
    assert "S1" not in {one["id"] for one in await office.do("registry.systems", as_of="2030-01-01")}
    assert {one["id"] for one in await office.do("enrol.agents")} >= {"A7"}


async def test_a_system_that_ended_is_not_brought_back_by_importing_its_file_again(office):
    await office.do("registry.import", files=a_file(systems=SYSTEMS), dry_run=False)
    await office.do(
        "registry.import", files=a_file(changes="effective,operation,id\n2023-11-01,end,S1\n"), dry_run=False
    )
    assert "S1" not in office.registry.systems

    again = await office.do("registry.import", files=a_file(systems=SYSTEMS), dry_run=False)

    assert (again["problems"], again["systems"]["unchanged"]) == ([], 1)
    assert "S1" not in office.registry.systems
