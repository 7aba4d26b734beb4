# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.ingest.conservation import Waiting
from giamsat_wire.lane import Lane
from support.office import Office


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    yield office
    office.console.close()


async def test_a_host_that_never_sent_anything_has_hours_without_data(office):
    office.waiting[Lane.EVENT] = Waiting(7, 2)

    found = await office.do("coverage.ledger", asset="A1", hours=3)

    assert [(hour["data"], hour["received"], hour["alerts"]) for hour in found["hours"]] == [("none", {}, 0)] + [
        ("before", {}, 0)
    ] * 2
    assert found["waiting"] == {"event": {"frames": 7, "given_up": 2}}
    assert (found["sources"], found["counters"]) == ({}, {})


async def test_a_host_nobody_registered_is_refused_with_where_to_look(office):
    with pytest.raises(RefusedError, match="registry assets"):
        await office.do("coverage.ledger", asset="nobody")
