# SPDX-License-Identifier: Apache-2.0
import base64
from dataclasses import replace

import pytest

from giamsat_collector.control.authority import trusts
from giamsat_collector.enrol import agents
from giamsat_collector.errors import RefusedError
from support.authority import open_authority
from support.enrolled import certified, enrolled
from support.enrolling import HOUR_NS, issued_token
from support.office import Office


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    yield office
    office.console.close()


def admit(office, id_, **words):
    """An agent with a certificate of its own, issued now."""
    key = id_.encode().ljust(32, b".")
    agent = enrolled(id_, bound=key[::-1], key=key, serial=id_, **words)
    agent = replace(agent, current=replace(agent.current, issued_ns=office.clock.wall_ns()))
    office.store.now(lambda connection: agents.add(connection, agent))
    office.allow_list.keep(agent)
    return agent


async def test_before_any_rotation_everybody_trusts_the_root(office):
    admit(office, "A1")

    shown = await office.do("authority.show")

    assert (shown["rotating"], shown["version"], shown["trusting"], shown["missing"]) == (False, 1, 1, [])
    assert [root["sha256"] for root in shown["roots"]] == [office.authority.root_spki_sha256.hex()]
    assert (shown["signer"], shown["old_tokens"]) == ("ok", 0)


async def test_who_has_not_learnt_the_new_root_is_named_and_the_revoked_do_not_count(office):
    known, pending = admit(office, "A1"), admit(office, "A2")
    admit(office, "A3", revoked_ns=1)
    office.store.now(lambda connection: issued_token(connection, office.authority))
    office.authority.keys.rotate()
    learnt = replace(certified(2, b"n" * 32, "60"), issued_ns=office.clock.wall_ns(), roots=2)
    office.allow_list.keep(replace(known, current=learnt))
    office.allow_list.keep(replace(pending, pending=learnt))

    shown = await office.do("authority.follow")

    assert (shown["rotating"], shown["version"], shown["agents"], shown["trusting"]) == (True, 2, 2, 1)
    assert [row["id"] for row in shown["missing"]] == ["A2"], "what was not used yet may never have arrived"
    assert shown["old_tokens"] == 1
    office.clock.advance(HOUR_NS)
    assert (await office.do("authority.show"))["old_tokens"] == 0


async def test_an_agent_that_keeps_no_roots_is_never_taken_for_one_that_knows_them(office):
    agent, first = admit(office, "A1"), office.authority.signer.trust

    assert trusts(agent, first)
    assert not trusts(agent, replace(first, version=2))


async def test_who_was_enrolled_with_a_root_that_is_lost_does_not_trust_the_one_made_in_its_place(office):
    agent = admit(office, "A1")
    office.clock.advance(HOUR_NS)
    another = open_authority(office.folder / "another", office.clock).signer.trust

    assert another.version == 1
    assert not trusts(agent, another)
    assert trusts(admit(office, "A2"), another)


async def test_what_two_holders_have_signed_is_published_once_it_names_the_roots_of_now(office):
    holders, _ = office.holders
    text = base64.b64decode((await office.do("authority.statement"))["statement"])
    one, two = (base64.b64encode(key.sign(text)).decode() for key in holders[:2])
    said = base64.b64encode(text).decode()

    with pytest.raises(RefusedError, match="1 of the 2"):
        await office.do("authority.publish", statement=said, signatures=[one])
    with pytest.raises(RefusedError, match="not base64"):
        await office.do("authority.publish", statement="?", signatures=[one, two])
    await office.do("authority.publish", statement=said, signatures=[one, two])
    office.authority.keys.replace()
    await office.do("authority.follow")

    with pytest.raises(RefusedError, match="other roots"):
        await office.do("authority.publish", statement=said, signatures=[one, two])
    assert office.emergency.reply.statement == text
