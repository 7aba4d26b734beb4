# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.control.caller import Caller
from giamsat_collector.errors import RefusedError
from support.office import Office

AN = Caller("an", person=True)
SAID = {"title": "Cổng bị xâm nhập", "group": "intrusion", "serious": True}


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    yield office
    office.console.close()


async def opened(office, **words):
    alert = office.console.raise_alert(rule="r1")
    return await office.do("incidents.open", caller=AN, alerts=[alert.id], said=SAID, **words)


async def test_an_incident_goes_from_an_alert_to_its_end_and_the_kernel_says_who_did_it(office):
    number = (await opened(office))["number"]
    (listed,) = (await office.do("incidents.list", states=["open"]))["incidents"]
    assert [one["report"] for one in listed["reports"]] == ["initial", "full"]
    for report in ("initial", "full"):
        done = await office.do(
            "incidents.move", caller=AN, number=number, action="sent", report=report, document="12/BC"
        )
    closed = await office.do("incidents.move", caller=AN, number=number, action="close", note="xong")

    assert [one["standing"] for one in done["reports"]] == ["sent", "sent"]
    assert closed["state"] == "closed"
    assert {row["actor"] for row in closed["history"]} == {"an"}
    assert await office.do("incidents.list", states=["open"]) == {"incidents": [], "more": False}


async def test_what_is_only_checked_opens_nothing(office):
    await office.do("incidents.check", caller=AN, alerts=["0a"], said=SAID)
    with pytest.raises(RefusedError, match="no such group"):
        await office.do("incidents.check", caller=AN, alerts=["0a"], said={**SAID, "group": "x"})
    with pytest.raises(RefusedError, match="who told of it and how"):
        await office.do("incidents.check", caller=AN, alerts=[], said=SAID)

    assert (await office.do("incidents.list", states=["open", "closed"]))["incidents"] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"action": "explode"}, "no such action"),
        ({"action": "change", "said": {"colour": "red"}}, "no such field"),
        ({"action": "sent", "report": "initail"}, "did you mean initial"),
        ({"action": "sent", "report": "initial", "document": "1", "at": "2199-01-01"}, "not over yet"),
        ({"action": "add", "alerts": ["0a"]}, "no such alert"),
    ],
)
async def test_what_is_not_possible_is_refused_and_leaves_no_row(office, words, told):
    number = (await opened(office))["number"]

    with pytest.raises(RefusedError, match=told):
        await office.do("incidents.move", caller=AN, number=number, **words)
    assert len((await office.do("incidents.show", number=number))["history"]) == 1


async def test_a_state_nobody_knows_is_refused(office):
    with pytest.raises(RefusedError, match="did you mean open"):
        await office.do("incidents.list", states=["opne"])
