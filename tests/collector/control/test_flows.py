# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.traffic import keeping
from support.flowing import NAMES, WEB, minute
from support.office import Office

ALWAYS = {"since_ns": 0, "until_ns": 1 << 62}


@pytest.fixture
async def office(tmp_path):
    office = Office(tmp_path)
    office.console.place("A1", unit="40.1", level=3)
    office.console.place("A2", unit="40.2", level=3)
    told = [minute(WEB, rest_bytes=5), minute(NAMES, asset="A2")]
    office.store.now(lambda rows: keeping.record(rows, told))
    yield office
    office.console.close()


@pytest.mark.parametrize(
    ("wanted", "sources"),
    [
        ({}, {"10.0.0.5", "10.0.0.6"}),
        ({"asset": "A1"}, {"10.0.0.5"}),
        ({"unit": "40.2"}, {"10.0.0.6"}),
        ({"address": "203.0.113.0/24", "port": 443, "name": "example"}, {"10.0.0.5"}),
    ],
)
async def test_flows_are_found_and_told_in_ecs(office, wanted, sources):
    found = await office.do("flows.search", **ALWAYS, **wanted)

    assert {one["source"]["ip"] for one in found["flows"]} == sources
    assert found["more"] is False


@pytest.mark.parametrize("wrong", [{"asset": "nobody"}, {"unit": "nowhere"}, {"address": "x"}, {"port": 70_000}])
async def test_what_cannot_be_is_refused_with_the_next_step(office, wrong):
    with pytest.raises(RefusedError, match=r"shows those there are|write|1 to 65535"):
        await office.do("flows.search", **ALWAYS, **wrong)
