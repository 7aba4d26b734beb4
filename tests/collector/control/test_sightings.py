# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.sightings import keeping
from support.office import Office
from support.sighting import DESK, sighting


@pytest.fixture
async def office(tmp_path):
    office = Office(tmp_path)
    office.console.place("A1", unit="40.1", level=3)
    office.console.place("A2", unit="40.2", level=3)
    now = office.clock.wall_ns()
    told = [sighting("A1", addresses=("10.0.0.5",), last_ns=now), sighting("A2", last_ns=now)]
    office.store.now(lambda rows: keeping.record(rows, told))
    await office.sighted.look()
    yield office
    office.console.close()


async def test_hosts_of_a_unit_come_with_what_the_unit_does_next_and_a_file_that_proposes_them(office):
    found = await office.do("registry.sightings", unit="40.1", state="unknown")

    assert [(one["mac"], one["unit"], one["state"]) for one in found["hosts"]] == [(DESK, "40.1", "unknown")]
    (step,) = found["steps"]
    assert (step["unit"], step["unwatched"]) == ("40.1", 1)
    assert "registry sightings --unit 40.1" in step["step"]["en"]
    assert found["proposal"].splitlines() == ["id,name,kind,unit,systems", "02-00-00-00-00-05,10.0.0.5,host,40.1,"]


@pytest.mark.parametrize("wrong", [{"unit": "nowhere"}, {"state": "lost"}])
async def test_a_unit_or_state_that_is_none_is_refused_with_the_next_step(office, wrong):
    with pytest.raises(RefusedError, match=r"registry units|the states are unknown"):
        await office.do("registry.sightings", **wrong)


async def test_coverage_names_the_units_with_hosts_that_nobody_watches(office):
    every, one = await office.do("coverage.show"), await office.do("coverage.show", unit="40.2")

    assert [(each["unit"], each["count"]) for each in every["unwatched_hosts"]] == [("40.1", 1), ("40.2", 1)]
    assert [each["unit"] for each in one["unwatched_hosts"]] == ["40.2"]
