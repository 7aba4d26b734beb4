# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import rows
from support.office import Office

DUTY = {
    "obligation": "monitor.around_the_clock",
    "document": "12/QĐ",
    "text": "x",
    "expires": "2999-01-01",
}


@pytest.fixture
async def office(tmp_path):
    office = Office(tmp_path)
    await office.do("registry.example", dry_run=False)
    yield office
    office.console.close()


async def test_without_agents_none_of_the_512_is_met(office):
    found = await office.do("coverage.show")

    assert (found["met"], found["total"], len(found["systems"])) == (0, 512, 512)
    assert {one["state"] for one in found["systems"]} == {"unknown"}


async def test_one_asks_for_a_system_a_level_a_unit_or_a_district(office):
    every = (await office.do("coverage.show"))["systems"]
    one = next(system for system in every if system["district"])

    by_system = (await office.do("coverage.show", system=one["system"]))["systems"]
    by_level = (await office.do("coverage.show", level=1))["systems"]
    by_district = (await office.do("coverage.show", unit=one["district"]))["systems"]

    assert [found["system"] for found in by_system] == [one["system"]]
    assert {found["level"] for found in by_level} == {1}
    assert one["system"] in {found["system"] for found in by_district}


async def test_a_system_owes_what_the_standard_of_its_dossier_says_and_keeps_to_it_word_for_word(office):
    one = (await office.do("coverage.show", level=2))["systems"][0]["system"]
    line = f"effective,operation,id,value\n2020-01-01,repack,{one},tcvn14423-2026\n"

    before = (await office.do("coverage.show", system=one))["systems"][0]
    await office.do("registry.import", files={"changes": {"name": "c", "text": line}}, dry_run=False)
    after = (await office.do("coverage.show", system=one))["systems"][0]
    said = {**DUTY, "obligation": "incident.contact_point", "system": one, "state": "met"}
    attested = (await office.do("coverage.attest", **said))["systems"][0]["obligations"]

    assert [each["pack"] for each in (before, after)] == ["tcvn11930-2017 1.0.0", "tcvn14423-2026 1.0.0"]
    assert len({before["profile"], after["profile"]}) == 2
    assert {each["id"]: each["clause"] for each in before["obligations"]}["log.retention"] == "6.2.2.3"
    assert {each["id"]: each["clause"] for each in after["obligations"]}["log.retention"] == "4.8.2.1a"
    assert {each["id"]: each["state"] for each in attested}["incident.contact_point"] == "met"


async def test_a_system_whose_pack_nobody_has_counts_as_the_highest_and_says_so(office):
    system = next(one for one in office.registry.systems.values() if one.level == 1)
    office.store.now(lambda rows_: rows.put_systems(rows_, [replace(system, pack="tcvn2")]))
    office.store.now(office.registry.load)

    (found,) = (await office.do("coverage.show", system=system.id))["systems"]

    assert (found["level"], found["pack"], found["pack_unknown"]) == (5, "tcvn11930-2017 1.0.0", "tcvn2")
    assert "monitor.around_the_clock" in {each["id"] for each in found["obligations"]}


async def test_what_is_attested_is_shown_at_once(office):
    strict = (await office.do("coverage.show", level=4))["systems"][0]["system"]

    (found,) = (await office.do("coverage.attest", system=strict, state="met", **DUTY))["systems"]

    (duty,) = [one for one in found["obligations"] if one["id"] == DUTY["obligation"]]
    assert (duty["state"], duty["step"]) == ("met", None)


async def test_a_system_nobody_registered_is_refused(office):
    with pytest.raises(RefusedError, match="no such system"):
        await office.do("coverage.attest", system="nowhere", state="met", **DUTY)


@pytest.mark.parametrize(
    ("place", "near"), [({"system": "VD-1"}, "VD-"), ({"unit": "40.41"}, "40.41"), ({"unit": "?"}, "")]
)
async def test_a_place_nobody_registered_is_no_place_without_systems(office, place, near):
    with pytest.raises(RefusedError, match=rf"no such (system|unit): .*; .*{near}.*'giamsat-collector registry"):
        await office.do("coverage.show", **place)
