# SPDX-License-Identifier: Apache-2.0
import grpc
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs

from giamsat.v1 import enrol_pb2, enrol_pb2_grpc
from giamsat_collector.enrol import agents
from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.enrol.renewal import CopiedIdentityError, Request
from giamsat_collector.enrol.renewing import COPIED, RECOVERED, Renewing
from giamsat_collector.errors import StoreError
from giamsat_collector.signing.possession import renewing, spki_sha256
from support import ingest_site
from support.authority import open_authority
from support.clock import ManualClock
from support.csr import csr, fresh_key, spki
from support.enrolled import certified, enrolled
from support.memory_store import MemoryStore

NOW = ManualClock().wall_ns()
BOUND = fresh_key()
AGENT = "11111111-1111-4111-8111-111111111111"


class Office:
    """Renewal on a database in memory; what it told whom."""

    def __init__(self, folder):
        self.store, self.clock = MemoryStore(), ManualClock()
        self.remarks, self.refused = [], []
        self.authority = open_authority(folder / "ca", self.clock)
        self.allow_list = AllowList(lambda agent, why: self.refused.append((agent, why)))
        self.renewing = Renewing(
            store=self.store,
            signer=self.authority.signer,
            carrier=self.authority.carrier,
            allow_list=self.allow_list,
            clock=self.clock,
            remark=lambda connection, agent, kind, fields: self.remarks.append((agent, kind, fields)),
        )

    async def admit(self, agent):
        await self.store.write(lambda connection: agents.add(connection, agent))
        self.allow_list.keep(agent)


@pytest.fixture
async def office(tmp_path):
    office = Office(tmp_path)
    await office.admit(enrolled(AGENT, bound=spki_sha256(BOUND.public_key()), expires_ns=NOW + 1))
    yield office
    await office.store.close()


def asked():
    request = csr(fresh_key())
    return Request(
        AGENT, 1, request, spki(BOUND), BOUND.sign(renewing(AGENT, 1, request), ec.ECDSA(hashes.SHA256())), "m"
    )


async def test_what_was_issued_may_connect_at_once(office):
    issued = await office.renewing.renew(asked())

    assert office.allow_list.find(AGENT).pending == issued
    assert (office.remarks, office.refused) == ([], [])


async def test_a_copy_is_locked_in_the_database_cut_off_and_remarked(office):
    await office.renewing.renew(asked())

    with pytest.raises(CopiedIdentityError):
        await office.renewing.renew(asked())

    kept = await office.store.read(lambda connection: agents.find(connection, AGENT))
    assert kept.locked_why == "identity_copied"
    assert office.refused == [(AGENT, "locked: identity_copied")]
    assert [kind for _, kind, _ in office.remarks] == [COPIED]


async def test_a_recovery_is_remarked_with_how_many_are_left(office):
    office.clock.advance(2)

    await office.renewing.recover(asked())

    assert office.remarks == [(AGENT, RECOVERED, {"giamsat.recovery_left": "2"})]


async def test_the_first_use_of_a_certificate_ends_the_one_before_it_though_the_disk_is_full(office):
    later = certified(2, b"n" * 32, "60")

    async def full(work):
        raise StoreError("disk full")

    whole, office.store.write = office.store.write, full
    await office.renewing.used(office.allow_list.find(AGENT), later)
    office.store.write = whole
    in_memory = office.allow_list.find(AGENT).current
    await office.store.write(lambda connection: agents.certify(connection, AGENT, later))
    await office.renewing.used(office.allow_list.find(AGENT), later)

    kept = await office.store.read(lambda connection: agents.find(connection, AGENT))
    assert in_memory == kept.current == later


async def test_a_refusal_is_logged_with_the_agent_that_asked(tmp_path):
    async with ingest_site.opened(tmp_path) as site, site.enrolled() as channel:
        with capture_logs() as said, pytest.raises(grpc.aio.AioRpcError):
            await enrol_pb2_grpc.RenewalStub(channel).Renew(enrol_pb2.RenewRequest(), timeout=60)

    (refusal,) = [line for line in said if line["event"] == "renewal_refused"]
    assert (refusal["agent"], site.renewal.refused_total) == (ingest_site.AGENT, {refusal["reason"]: 1})
