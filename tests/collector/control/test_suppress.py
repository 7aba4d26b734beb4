# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.control.caller import Caller
from giamsat_collector.errors import RefusedError
from support.office import Office

AN, BINH = Caller("an", person=True), Caller("binh", person=True)
WANTED = {
    "rules": ["ssh_brute_force"],
    "fields": {"source.ip": "192.0.2.7"},
    "reason": "máy quét của tỉnh",
    "document": "12/QĐ",
    "expires": "30d",
}


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    yield office
    office.console.close()


async def test_what_is_only_checked_hides_nothing(office):
    found = await office.do("suppress.check", caller=AN, **WANTED)

    assert found["sigma"]["filter"]["rules"] == ["ssh_brute_force"]
    assert await office.do("suppress.list") == []
    assert office.force.suppressions.every == ()


async def test_it_is_in_force_at_once_below_level_4_and_everywhere_once_a_second_person_agrees(office):
    added = await office.do("suppress.add", caller=AN, **WANTED)
    (alone,) = office.force.suppressions.every
    agreed = await office.do("suppress.agree", caller=BINH, number=added["number"])
    (together,) = office.force.suppressions.every

    assert (added["state"], added["agreed_from_level"], alone.agreed_ns) == ("one_person", 4, None)
    assert (agreed["state"], agreed["second"], agreed["agreed_from_level"]) == ("two_persons", "binh", None)
    assert together.agreed_ns is not None


@pytest.mark.parametrize(
    ("who", "said"), [(AN, "a second person"), (Caller("binh", person=False), "cannot tell which person")]
)
async def test_nobody_agrees_with_themselves_or_without_being_known(office, who, said):
    added = await office.do("suppress.add", caller=AN, **WANTED)

    with pytest.raises(RefusedError, match=said):
        await office.do("suppress.agree", caller=who, number=added["number"])


async def test_what_is_ended_stays_on_record(office):
    added = await office.do("suppress.add", caller=AN, **WANTED)
    await office.do("suppress.end", caller=BINH, number=added["number"])

    (found,) = await office.do("suppress.list")
    assert (found["state"], found["ended_by"], found["hidden"]) == ("over", "binh", 0)


async def test_words_that_nobody_knows_are_refused(office):
    with pytest.raises(RefusedError, match="not a suppression"):
        await office.do("suppress.add", caller=AN, **WANTED, forever=True)


async def test_alerts_of_rules_on_silence_that_would_have_been_hidden_are_previewed_by_rule_and_unit(office):
    office.console.place("A1")
    office.console.raise_alert(rule="agent_silent", group={"source": "agent"}, evidence=())
    office.console.raise_alert()
    place = {"rules": [], "fields": {}, "reason": "x", "document": "y", "expires": "1d", "asset": "A1"}

    found = await office.do("suppress.preview", caller=AN, since_ns=0, **place)

    assert found == [{"rule": "agent_silent", "unit": "40.412", "alerts": 1}]
    assert await office.do("suppress.preview", caller=AN, since_ns=1 << 62, **place) == []
