# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.coverage import minute_rows
from giamsat_collector.errors import RefusedError
from giamsat_collector.ingest.conservation import Waiting
from giamsat_collector.ingest.minutes import MINUTE_NS
from giamsat_wire.lane import Lane
from giamsat_wire.source import Counts
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
    assert (found["sources"], found["minutes"], found["counters"]) == ([], [], {})


async def test_each_source_has_its_counts_its_condition_and_the_next_step(office):
    start_ns = office.clock.wall_ns()
    for number, told in enumerate((0, 9), 1):
        office.books.take(number, "A1", at_ns=start_ns, told={"/var/log/auth.log": Counts(told, up=False)})
    office.books.take(3, "A1", at_ns=start_ns, received={"/var/log/auth.log": 4, "agent": 1})
    office.books.pass_to(start_ns + MINUTE_NS)
    through, minutes = office.books.closed
    office.store.now(lambda c: minute_rows.keep(c, through, minutes))

    log, agent = (await office.do("coverage.ledger", asset="A1", hours=1))["sources"]
    troubled = await office.do("coverage.sources")

    assert (agent["source"], agent["condition"], agent["received"], agent["step"]) == ("agent", "flowing", 1, None)
    assert (log["condition"], log["produced"], log["received"], log["lost"]) == ("stopped", 9, 4, 0)
    assert [(one["asset"], one["source"], one["condition"]) for one in troubled] == [
        ("A1", "/var/log/auth.log", "stopped")
    ]
    assert "doctor" in troubled[0]["step"]["en"]
    assert await office.do("coverage.sources", unit="40.999") == []


async def test_a_host_nobody_registered_is_refused_with_where_to_look(office):
    with pytest.raises(RefusedError, match="registry assets"):
        await office.do("coverage.ledger", asset="nobody")
