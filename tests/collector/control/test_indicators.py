# SPDX-License-Identifier: Apache-2.0
import base64

import pytest

from giamsat_collector.control.caller import Caller
from giamsat_collector.errors import RefusedError
from giamsat_collector.indicators.packing import unpacked
from support.listing import file
from support.office import Office

AN = Caller("an", person=True)
FILE = base64.b64encode(file("203.0.113.9\nevil.example\n")).decode()


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    yield office
    office.console.close()


async def test_a_list_is_previewed_brought_listed_checked_and_taken_away(office):
    preview = await office.do("indicators.import", caller=AN, name="ncsc", file=FILE, dry_run=True)
    brought = await office.do("indicators.import", caller=AN, name="ncsc", file=FILE, source="Trung tâm")
    (listed,) = await office.do("indicators.list")
    met, free = await office.do("indicators.check", values=["x.evil.example", "good.example"])
    (kept,) = await office.do("indicators.entries")
    gone = await office.do("indicators.remove", caller=AN, name="ncsc")

    assert preview == brought
    assert (brought["added"], brought["coming"]) == (2, ["203.0.113.9", "evil.example"])
    assert (listed["name"], listed["brought_by"], listed["standing"], listed["hits"]) == ("ncsc", "an", 2, 0)
    assert (met["match"]["value"], met["match"]["list"], met["match"]["source"]) == (
        "evil.example",
        "ncsc",
        "Trung tâm",
    )
    assert free == {"value": "good.example", "match": None}
    assert (kept["name"], kept["source"]) == ("ncsc", "Trung tâm")
    entries = [one.value for one in unpacked(base64.b64decode(kept["lines"]))]
    assert entries == ["203.0.113.9", "evil.example"]
    assert (gone["entries"], await office.do("indicators.list")) == (2, [])


@pytest.mark.parametrize(
    ("command", "said", "why"),
    [
        ("indicators.import", {"name": "ncsc", "file": "???"}, "not a list"),
        ("indicators.import", {"name": "ncsc", "file": FILE, "colour": 1}, "not a list"),
        ("indicators.import", {"name": "N C", "file": FILE}, "no name of a list"),
        ("indicators.remove", {"name": "ncsc"}, "no such list"),
    ],
)
async def test_what_cannot_be_done_is_said(office, command, said, why):
    with pytest.raises(RefusedError, match=why):
        await office.do(command, caller=AN, **said)


async def test_lists_that_are_not_there_have_no_entries(office):
    with pytest.raises(RefusedError, match=r"^there is no list yet; 'giamsat-collector indicators import'"):
        await office.do("indicators.entries")
    with pytest.raises(RefusedError, match="no such list: ncsc"):
        await office.do("indicators.entries", name="ncsc")


async def test_values_that_cannot_be_listed_and_too_many_are_refused(office):
    with pytest.raises(RefusedError, match="hosts of your own"):
        await office.do("indicators.check", values=["10.0.0.1"])
    with pytest.raises(RefusedError, match="at most 1000"):
        await office.do("indicators.check", values=["a.example"] * 1_001)
