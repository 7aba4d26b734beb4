# SPDX-License-Identifier: Apache-2.0
import base64

import pytest

from giamsat_collector.control.caller import Caller
from giamsat_collector.enrol import tokens
from giamsat_collector.errors import RefusedError
from giamsat_wire import typed_code
from support.office import Office

HOUR_NS = 3600 * 1_000_000_000
AN, BINH = Caller("an", person=True), Caller("binh", person=True)
SHARED = Caller("uid 0", person=False)


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    yield office
    office.console.close()


def issued(office, **changes):
    given = {"caller": AN, "unit": "40.412", "system": "S-A1", "uses": 1, "expires": "24h"}
    return office.do("enrol.issue", **{**given, **changes})


async def test_an_issued_token_opens_what_it_was_issued_for_and_pins_our_root(office):
    answer = await issued(office)

    _, token_id, secret, pin = answer["token"].split(".")
    grant = office.store.now(lambda c: tokens.spend(c, token_id, secret, office.clock.wall_ns() + 24 * HOUR_NS - 1))
    assert (grant.unit, grant.system, answer["address"]) == ("40.412", "S-A1", "soc.example:7444")
    assert base64.b32decode(pin.upper()) == office.authority.root_spki_sha256[:20]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"unit": "40.999"}, "no such unit: 40.999; .*registry units"),
        ({"system": "S9"}, "no such system: S9; .*registry systems"),
        ({"expires": "soon"}, "'soon' is not a duration; write e.g. 30m"),
        ({"expires": "24"}, "not a duration"),
        ({"expires": "-1h"}, "not a duration"),
        ({"expires": "8d"}, "7 days"),
        ({"expires": "0m"}, "7 days"),
        ({"uses": 0}, "1 to 50 hosts, not 0"),
        ({"networks": ["10.40.0.1/16"]}, "did you mean 10.40.0.0/16"),
    ],
)
async def test_a_token_that_cannot_be_is_refused_with_what_can(office, changes, words):
    with pytest.raises(RefusedError, match=words):
        await issued(office, **changes)


async def letters(office, *units, **more):
    return await office.do("enrol.letters", caller=AN, units=list(units), uses=1, expires="24h", **more)


async def test_each_unit_gets_a_token_of_its_own_that_can_be_typed(office):
    units = list(office.registry.units)

    answer = await letters(office, *units)

    assert [row["unit"] for row in answer["issued"]] == units
    assert len({row["token"] for row in answer["issued"]}) == len(units)
    assert all(typed_code.token(typed_code.lines(row["token"])) == row["token"] for row in answer["issued"])
    assert answer["fingerprint"] == office.authority.root_spki_sha256.hex()


async def test_one_unknown_unit_and_nothing_is_issued_to_anybody(office):
    with pytest.raises(RefusedError, match=r"nothing was issued: 40\.999"):
        await letters(office, *office.registry.units, "40.999")

    assert office.store.now(tokens.every) == {}


async def test_a_letter_is_for_the_system_that_is_said_and_an_unknown_one_gets_nothing_to_anybody(office):
    office.console.place(asset="A4", unit="40.413", level=4)
    with pytest.raises(RefusedError, match="no such system: S9"):
        await letters(office, "40.412", "40.413", systems={"40.413": "S9"})
    assert office.store.now(tokens.every) == {}

    high = await letters(office, "40.412", systems={"40.412": "S-A4"})
    (row,) = (await letters(office, "40.412", systems={"40.412": "S-A1"}))["issued"]

    assert high["waiting"] == ["40.412"]
    assert spent(office, row["token"]).system == "S-A1"


@pytest.mark.parametrize("units", [[], ["40.412"] * 2_001])
async def test_letters_are_for_one_unit_at_least_and_not_for_any_number(office, units):
    with pytest.raises(RefusedError, match="1 to 2000 units"):
        await letters(office, *units)


async def test_a_withdrawn_token_opens_nothing_and_cannot_be_withdrawn_again(office):
    token = (await issued(office))["token"]
    token_id, secret = token.split(".")[1:3]

    await office.do("enrol.withdraw", token=token_id)

    with pytest.raises(RefusedError, match="not accepted"):
        office.store.now(lambda c: tokens.spend(c, token_id, secret, office.clock.wall_ns()))
    with pytest.raises(RefusedError, match="could still be used"):
        await office.do("enrol.withdraw", token=token_id)


def spent(office, token):
    _, token_id, secret, _ = token.split(".")
    return office.store.now(lambda c: tokens.spend(c, token_id, secret, office.clock.wall_ns()))


async def test_at_the_high_levels_a_token_counts_once_a_second_person_agreed_and_both_are_witnessed(office):
    office.console.place(asset="A4", unit="40.413", level=4)
    answer = await issued(office, unit="40.413", system="S-A4")
    token_id = answer["token"].split(".")[1]
    (waiting,) = await office.do("enrol.waiting")
    before = {row["unit"]: row for row in await office.do("enrol.status")}["40.413"]
    with pytest.raises(RefusedError, match="nobody has agreed to it yet"):
        spent(office, answer["token"])
    with pytest.raises(RefusedError, match=r"An issued token .* second person has to agree"):
        await office.do("enrol.agree", caller=Caller("An", person=True), tokens=[token_id])

    agreed = await office.do("enrol.agree", caller=BINH, tokens=[token_id])

    assert (answer["waits"], waiting["token"], waiting["issued_by"]) == (True, token_id, "an")
    assert (before["state"], "enrol agree" in before["why"]) == ("stuck", True)
    assert agreed == [{"token": token_id, "unit": "40.413", "issued_by": "an"}]
    assert spent(office, answer["token"]).system == "S-A4"
    both = {"giamsat.command": "enrol.agree", "user.name": "binh", "user.target.name": "an"}
    assert office.console.told == [("collector-administered", both)]
    assert await office.do("enrol.waiting") == []


async def test_a_token_of_no_system_goes_by_the_highest_level_of_its_unit(office):
    office.console.place(asset="A4", unit="40.413", level=5)

    high, low = await issued(office, unit="40.413", system=None), await issued(office, system=None)
    answer = await letters(office, "40.412", "40.413")

    assert (high["waits"], low["waits"], answer["waiting"]) == (True, False, ["40.413"])
    assert len(await office.do("enrol.waiting")) == 2


async def test_who_is_no_person_the_system_knows_neither_issues_nor_agrees_for_the_high_levels(office):
    office.console.place(asset="A4", unit="40.413", level=4)
    token = (await issued(office, unit="40.413", system="S-A4"))["token"].split(".")[1]

    for deed in (
        issued(office, caller=SHARED, unit="40.413", system="S-A4"),
        office.do("enrol.letters", caller=SHARED, units=["40.413"], uses=1, expires="24h"),
        office.do("enrol.agree", caller=SHARED, tokens=[token]),
    ):
        with pytest.raises(RefusedError, match="an account of your own"):
            await deed

    assert not (await issued(office, caller=SHARED))["waits"]
    assert [row["token"] for row in await office.do("enrol.waiting")] == [token]


async def test_one_agrees_to_all_that_were_named_or_to_none(office):
    office.console.place(asset="A4", unit="40.413", level=4)
    tokens_ = [(await issued(office, unit="40.413", system="S-A4"))["token"].split(".")[1] for _ in range(2)]
    await office.do("enrol.withdraw", token=tokens_[1])

    with pytest.raises(RefusedError, match=f"no token {tokens_[1]} waits"):
        await office.do("enrol.agree", caller=BINH, tokens=tokens_)
    with pytest.raises(RefusedError, match="1 to 2000 tokens"):
        await office.do("enrol.agree", caller=BINH, tokens=[])

    assert [row["token"] for row in await office.do("enrol.waiting")] == tokens_[:1]
