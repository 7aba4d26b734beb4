# SPDX-License-Identifier: Apache-2.0
import asyncio

from giamsat_collector.coverage.source_minutes import Books
from giamsat_collector.coverage.source_troubles import TOGETHER, troubles
from giamsat_collector.coverage.sources import MINUTE_NS, Condition
from giamsat_collector.registry.record import Placement
from giamsat_wire.source import Counts

AT_NS = 1_000 * MINUTE_NS


async def test_sources_with_a_next_step_are_named_the_worst_first_and_those_of_other_hosts_are_not():
    books = Books(lambda _: {})
    told = {"/var/log/a": Counts(0, up=False), "journald": Counts(0), "syslog 192.0.2.1": Counts(0)}
    for number, asset in enumerate(("A1", "A2", "A3"), 1):
        books.take(number, asset, at_ns=AT_NS, told=told)
    books.take(9, "A1", at_ns=AT_NS, told={"journald": Counts(9), "syslog 192.0.2.1": Counts(7, dropped=7)})
    books.pass_to(AT_NS + MINUTE_NS)
    places = [Placement(asset, asset, "u", "Đơn vị", None, None) for asset in ("A2", "A1")]

    found = [(one.place.asset, one.name, one.condition) for one in await troubles(places, books, AT_NS + MINUTE_NS)]

    assert found == [
        ("A1", "/var/log/a", Condition.STOPPED),
        ("A2", "/var/log/a", Condition.STOPPED),
        ("A1", "syslog 192.0.2.1", Condition.LOSING),
        ("A1", "journald", Condition.WAITING),
    ]


async def test_those_of_many_hosts_do_not_keep_the_event_loop_from_others():
    books, turns = Books(lambda _: {}), 0
    places = [Placement(f"A{number}", "", "u", "", None, None) for number in range(5 * TOGETHER)]

    async def other():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.ensure_future(other())
    assert await troubles(places, books, AT_NS) == ()
    beside.cancel()

    assert turns == 5
