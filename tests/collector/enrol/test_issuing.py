# SPDX-License-Identifier: Apache-2.0
"""Certificates for hosts: of a hundred that race for one token one is enrolled; while the signer is gone none is."""

import asyncio
import uuid

import pytest
from sqlalchemy import select

from giamsat_collector.enrol import agents, issuing, redemption
from giamsat_collector.enrol.signer import SignerError
from giamsat_collector.enrol.tables import tokens as token_table
from giamsat_collector.enrol.tokens import TokenError
from giamsat_collector.errors import StoreError
from giamsat_collector.stores.sqlite import SqliteStore
from giamsat_wire.clock import SECOND_NS
from support.authority import open_authority
from support.clock import ManualClock
from support.csr import request
from support.enrolling import issued_token
from support.memory_store import MemoryStore
from support.tables import create_tables

NOW = ManualClock().wall_ns()
AGENT = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def authority(tmp_path):
    return open_authority(tmp_path / "ca", ManualClock())


@pytest.fixture
async def store():
    store = MemoryStore()
    yield store
    await store.close()


def redeeming(wanted, agent_id=AGENT):
    keys = redemption.proved(wanted)

    def work(connection, issue):
        decided = {"address": None, "agent_id": agent_id, "issue": issue, "now_ns": NOW, "repeat_ns": 0}
        return redemption.redeem(connection, wanted, keys, **decided)[0]

    return work


async def test_what_is_decided_is_signed_and_then_decided_again_with_the_certificate(authority, store):
    token = store.now(lambda connection: issued_token(connection, authority))

    agent = await issuing.signed(store, authority.signer, redeeming(request(token)))

    assert agent.current.serial
    assert store.now(lambda c: (c.scalar(select(token_table.c.used)), len(agents.every(c)))) == (1, 1)
    assert authority.journal.lines == 1


async def test_of_a_hundred_hosts_with_one_token_one_is_enrolled_each_time(authority, tmp_path, pytestconfig):
    races = pytestconfig.option.races
    store = SqliteStore(tmp_path / "giamsat.db")
    await store.write(create_tables)
    enrolled = []
    for _ in range(races):
        authority.clock.advance(61 * SECOND_NS)  # in an hour the signer signs for fewer than sixty races
        token = await store.write(lambda connection: issued_token(connection, authority))
        asked = [redeeming(request(token), str(uuid.uuid4())) for _ in range(100)]
        done = [issuing.signed(store, authority.signer, one) for one in asked]
        outcomes = await asyncio.gather(*done, return_exceptions=True)
        enrolled.append([outcome for outcome in outcomes if not isinstance(outcome, TokenError)])
    rows = await store.read(agents.every)
    await store.close()

    assert [len(each) for each in enrolled] == [1] * races
    assert {each[0].id for each in enrolled} == set(rows)


async def test_while_the_signer_is_gone_no_token_is_spent(authority, store):
    token = store.now(lambda connection: issued_token(connection, authority))
    authority.gone = True

    with pytest.raises(SignerError):
        await issuing.signed(store, authority.signer, redeeming(request(token)))

    assert store.now(lambda c: (c.scalar(select(token_table.c.used)), len(agents.every(c)))) == (0, 0)


async def test_what_never_stands_still_is_given_up(authority, store):
    token = store.now(lambda connection: issued_token(connection, authority, uses=50))

    def restless(connection, issue):
        return redeeming(request(token), str(uuid.uuid4()))(connection, issue)

    with pytest.raises(StoreError, match="again and again"):
        await issuing.signed(store, authority.signer, restless)
