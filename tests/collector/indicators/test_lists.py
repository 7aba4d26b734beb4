# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.indicators.import_plan import Wanted
from support.console import Console
from support.listing import file

FILE = file("203.0.113.9\nhttp://evil.example/x\n")


@pytest.fixture
def console():
    console = Console()
    yield console
    console.close()


async def test_a_list_that_was_brought_is_looked_in_at_once_and_after_a_restart_and_told(console):
    lists = console.services.lists
    change = await lists.bring(FILE, Wanted("ncsc", source="Trung tâm"), "an")

    (_, address), (_, url), (_, other) = lists.check(["203.0.113.9", "hxxps://evil[.]example/x", "good.example"])
    assert (change.added, address.about.name, url.indicator.value, other) == (2, "ncsc", "evil.example/x", None)
    assert lists.standing() == {"ncsc": 2}
    said = {"giamsat.command": "indicators.import", "user.name": "an", "threat.feed.name": "ncsc"}
    assert console.told == [("collector-administered", said)]

    again = Console(clock=console.clock, store=console.store).services.lists
    await again.load()
    assert (again.check(["203.0.113.9"])[0][1], [one.name for one in again.listed]) == (address, ["ncsc"])


async def test_a_preview_and_a_file_with_problems_change_nothing(console):
    lists = console.services.lists

    assert (await lists.bring(FILE, Wanted("ncsc"), "an", dry_run=True)).added == 2
    assert (await lists.bring(file("10.0.0.1"), Wanted("ncsc"), "an")).problems
    assert (await lists.every(), lists.standing(), console.told) == ((), {}, [])


async def test_a_list_that_is_taken_away_is_looked_in_no_more(console):
    lists = console.services.lists
    await lists.bring(FILE, Wanted("ncsc"), "an")

    await lists.remove("ncsc", "an", dry_run=True)
    assert lists.standing() == {"ncsc": 2}
    assert (await lists.remove("ncsc", "binh")).entries == 2
    assert (lists.check(["203.0.113.9"])[0][1], await lists.every()) == (None, ())
    assert console.told[-1][1]["giamsat.command"] == "indicators.remove"
    with pytest.raises(RefusedError, match="no such list: ncsc"):
        await lists.remove("ncsc", "an")
