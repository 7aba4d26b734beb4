# SPDX-License-Identifier: Apache-2.0
"""An agent that says it is another, in what it sends or beside it: nothing is kept as the other's, and it is told."""

import pytest

from giamsat.v1 import ingest_pb2_grpc
from giamsat_collector.ingest import claims, frames
from giamsat_collector.ingest.notices import EPOCH, FORGED
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import decode
from giamsat_wire.record import Event
from support.ingest_site import frame, hello, opened

AGENT, UNIT = "11111111-1111-4111-8111-111111111111", "40.412"


def found(fields):
    return claims.in_events([Event("user-login", 1, 1, {}), Event("user-login", 1, 1, fields)], AGENT, lambda: UNIT)


@pytest.mark.parametrize("name", sorted(claims.CLAIMS))
def test_a_claim_of_another_is_told_and_never_kept(name):
    assert found({name: "40.999"}) == "40.999"
    assert claims.without({name: "40.999", "user.name": "an"}) == {"user.name": "an"}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"agent.id": AGENT},
        {"giamsat.asset": AGENT},
        {"giamsat.unit": UNIT},
        {"host.name": "any", "user.name": "an"},
    ],
    ids=["nothing", "its id", "its asset", "its unit", "names of people and hosts"],
)
def test_what_is_so_or_claims_nothing_is_no_lie(fields):
    assert found(fields) is None


def test_nobody_speaks_as_the_collector():
    assert found({"event.provider": "collector"}) == "collector"


@pytest.mark.parametrize(
    "name",
    [
        "agent",
        "agent-id",
        "x-agent-id",
        "giamsat-agent-id",
        "unit",
        "x-unit-id",
        "x-giamsat-unit",
        "x-tenant-id",
        "host-id",
    ],
)
def test_a_false_claim_beside_a_call_is_told_and_a_true_one_is_not(name):
    true = UNIT if "unit" in name or "tenant" in name else AGENT

    assert claims.in_metadata([("user-agent", "grpc"), (name, "40.999")], AGENT, UNIT) == "40.999"
    assert claims.in_metadata([("traceparent", "00-x"), (name, true)], AGENT, UNIT) is None


@pytest.fixture
async def site(tmp_path):
    async with opened(tmp_path) as site:
        yield site


async def test_a_call_that_claims_another_unit_is_served_as_who_it_is_and_remarked(site):
    async with site.enrolled() as channel:
        call = ingest_pb2_grpc.IngestStub(channel).Push(metadata=(("x-unit-id", "40.999"), ("agent-id", "B")))
        await call.write(hello())
        await call.read()
        await call.write(frame(1))
        while (await call.read()).ack.committed.seq < 1:
            pass
        stored = await site.store.read(lambda rows: frames.after(rows, 0, 10))
        call.cancel()

    its = [one for one in stored if one.epoch != EPOCH]
    (remark,) = [one for one in stored if one.epoch == EPOCH]
    (event,) = decode(remark.flags, remark.payload, ChainDecoder()).events
    assert {one.agent for one in its} == {remark.agent}
    assert event.kind == FORGED
    assert site.service.refused_total["forged_identity"] == 1
