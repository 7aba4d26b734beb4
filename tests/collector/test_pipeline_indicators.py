# SPDX-License-Identifier: Apache-2.0
"""What is known to be evil, on its way through the pipeline."""

import pytest

from giamsat_collector.indicators import rows
from giamsat_collector.indicators.import_plan import Wanted
from giamsat_wire.codec import encode_happenings
from giamsat_wire.record import Event
from support import listing
from support.clock import ManualClock
from support.flowing import WEB
from support.flowing import event as flows_told
from support.judging import ASSET, Works
from support.listing import file

LISTED = file("203.0.113.0/25\nevil.example\n")


async def silent(*_):
    """Tells nobody."""


@pytest.fixture
async def works(tmp_path):
    works = await Works(tmp_path / "giamsat.db", ManualClock()).begin()
    await lists(works).bring(LISTED, Wanted("ncsc", source="Trung tâm"), "an")
    yield works
    await works.store.close()


def lists(works):
    return listing.lists(works.store, works.clock, works.judge.indicators, silent)


def asked(works, name="c2.evil.example"):
    fields = {"event.category": ("network",), "dns.question.name": name, "source.ip": "10.0.0.5"}
    return encode_happenings([Event("dns-query", works.clock.wall_ns(), 0, fields)])


def talked(works, *flows):
    return encode_happenings([flows_told(*(row.line() for row in flows), wall_ns=works.clock.wall_ns())])


async def hits(works):
    (one,) = await works.store.read(rows.every)
    return one.hits


async def test_an_event_that_meets_an_entry_is_an_alert_that_names_it_and_is_counted_once(works):
    async with works.running():
        await works.judged(await works.arrive(asked(works)))
        await works.judged(await works.arrive(asked(works, "good.example")))

    (alert,) = await works.alerts("known_bad_contact")
    assert alert.groups[0].group == {
        "threat.indicator.name": "evil.example",
        "threat.feed.name": "ncsc",
        "giamsat.threat.who": "10.0.0.5",
    }
    assert (alert.asset, alert.evidence[0]["threat.indicator.provider"]) == (ASSET, "Trung tâm")
    assert alert.evidence[0]["giamsat.threat.list_age_days"] == 0

    await works.again()
    await lists(works).load()
    async with works.running():
        await works.judged(await works.arrive(asked(works)))
    (alert,) = await works.alerts("known_bad_contact")
    assert (alert.count, await hits(works)) == (2, 2)


async def test_flows_of_a_sensor_are_held_against_the_lists_and_kept_as_ever(works):
    async with works.running():
        await works.judged(
            await works.arrive(talked(works, WEB, WEB._replace(source="10.0.0.6", destination="10.0.0.7")))
        )
        (alert,) = await works.alerts("known_bad_contact")
        await lists(works).remove("ncsc", "an")
        await works.judged(await works.arrive(talked(works, WEB._replace(source="10.0.0.8"))))

    assert alert.groups[0].group["threat.indicator.name"] == "203.0.113.0/25"
    assert (alert.groups[0].group["giamsat.threat.who"], alert.evidence[0]["destination.port"]) == ("10.0.0.5", 443)
    assert [alert.count for alert in await works.alerts("known_bad_contact")] == [1]
    assert works.pipeline.figures.flow_minutes == 2


async def test_lists_that_are_exchanged_leave_what_they_have_met(works):
    async with works.running():
        await works.judged(await works.arrive(asked(works)))
        await lists(works).bring(file("other.example\n"), Wanted("ncsc"), "an")
        await works.judged(await works.arrive(asked(works)))

    assert await hits(works) == 1
