# SPDX-License-Identifier: Apache-2.0

import pytest

from giamsat_collector.errors import RefusedError
from support.office import Office

HOUR_NS = 3600 * 1_000_000_000
UNITS = "code,name_vi,kind\n40.412,Thành phố Vinh,district\n"
SYSTEMS = "id,name,unit,level\nS1,Thư điện tử,40.412,3\n"


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    yield office
    office.console.close()


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
