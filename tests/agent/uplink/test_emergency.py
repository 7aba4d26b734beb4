# SPDX-License-Identifier: Apache-2.0
"""The authority stolen, between a real agent's files and real servers: two of three keys say what is true."""

import asyncio
import contextlib
import subprocess
import sys

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_agent.enrolment import enrol, parse_token
from giamsat_agent.errors import TransportError
from giamsat_agent.uplink import emergency as asking
from giamsat_agent.uplink import identity
from giamsat_wire import emergency
from giamsat_wire.clock import SystemClock
from giamsat_wire.emergency import Statement
from support.authority import open_authority
from support.emergency_keys import made_keys
from support.enrolling import desk

LATER = 2_000_000_000


@pytest.fixture
def holders(tmp_path):
    return made_keys(tmp_path)


@pytest.fixture
async def office(tmp_path, holders):
    (tmp_path / "collector").mkdir()
    async with desk(tmp_path / "collector", emergency_keys=[str(file) for file in holders[1]]) as office:
        yield office


@pytest.fixture
async def folder(office, tmp_path):
    token = parse_token(await office.token())
    await asyncio.to_thread(enrol, office.address, token, tmp_path / "identity", hostname="máy-1")
    return tmp_path / "identity"


def issued(who):
    return who.validity.from_s + identity.BACKDATED_S


async def look(folder, office, holders):
    trusted = [key.public_key() for key in holders[0]]
    return await asyncio.to_thread(asking.look, folder, office.ingest, trusted, SystemClock())


def published(office, holders, serial=LATER):
    roots = office.authority.signer.trust.roots_der
    text = emergency.written(Statement(serial, tuple(roots)))
    office.emergency.publish(text, [holders[0][number].sign(text) for number in (0, 2)], roots)


async def stolen(office):
    """The keys of the authority are in other hands: a new root that none of the old ones vouches for."""
    office.authority.keys.replace()
    await office.follow()


async def greeted(office, who):
    credentials = grpc.ssl_channel_credentials(who.roots, who.key, who.chain)
    async with grpc.aio.secure_channel(office.ingest, credentials) as channel, asyncio.timeout(60):
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        with contextlib.suppress(grpc.aio.AioRpcError):
            await call.write(ingest_pb2.Up(hello=ingest_pb2.Hello(protocol=1)))
            await call.read()
            call.cancel()
            return True
        return False


async def test_two_holders_bring_a_host_below_the_new_root_by_itself(office, folder, holders):
    old = identity.load(folder)
    await stolen(office)
    assert not await greeted(office, old)
    with pytest.raises(TransportError, match="nothing of that kind"):
        await look(folder, office, holders)
    assert identity.load(folder) == old
    published(office, holders)

    new = await look(folder, office, holders)

    assert (new.agent_id, new.generation) == (old.agent_id, 2)
    assert new == identity.load(folder)
    assert x509.load_pem_x509_certificates(new.roots) == [office.authority.root]
    assert await greeted(office, new)
    assert await office.remarks() == []
    assert await look(folder, office, holders) == new, "asked again, there is nothing more to do"


async def test_an_earlier_statement_does_not_bring_an_older_root_back(office, folder, holders):
    await stolen(office)
    published(office, holders)
    new = await look(folder, office, holders)
    identity.trust(folder, new.roots, LATER + 1)

    await stolen(office)
    published(office, holders, serial=LATER + 1)

    assert await look(folder, office, holders) == new


async def test_a_statement_older_than_the_enrolment_does_not_bring_a_stolen_root_back(office, folder, holders):
    enrolled = identity.load(folder)
    await stolen(office)
    published(office, holders, serial=issued(enrolled) - 60)

    assert await look(folder, office, holders) == enrolled

    published(office, holders, serial=issued(enrolled) + 60)

    assert (await look(folder, office, holders)).generation == 2


async def test_who_stands_in_between_cannot_name_roots(office, folder, holders, tmp_path):
    thief = open_authority(tmp_path / "thief", SystemClock())
    (tmp_path / "bent").mkdir()
    strangers, files = made_keys(tmp_path / "bent")
    async with desk(tmp_path / "bent", emergency_keys=[str(file) for file in files]) as bent:
        roots = [thief.root.public_bytes(Encoding.DER)]
        text = emergency.written(Statement(LATER, tuple(roots)))
        bent.emergency.publish(text, [key.sign(text) for key in strangers], roots)
        facts = folder / "agent.json"
        facts.write_text(facts.read_text().replace(office.address, bent.address))
        before = identity.load(folder)

        with pytest.raises(TransportError, match="0 of the 2"):
            await look(folder, bent, holders)

    assert identity.load(folder) == before
    assert identity.serial(folder) == issued(before) - 1


async def test_a_certificate_that_could_not_be_had_at_once_is_asked_for_again(office, folder, holders):
    await stolen(office)
    published(office, holders)
    office.authority.gone = True
    with pytest.raises(TransportError, match="signer does not answer"):
        await look(folder, office, holders)
    assert identity.serial(folder) == LATER
    office.authority.gone = False

    assert (await look(folder, office, holders)).generation == 2


@pytest.mark.parametrize(
    ("last", "said"),
    [(None, "nothing of that kind"), ("missing", "missing: không đọc được khóa khẩn cấp"), ("1", "the same")],
)
async def test_the_program_says_in_one_line_what_went_wrong(office, folder, holders, last, said):
    files = [*map(str, holders[1][:2]), str(holders[1][0]) if last == "1" else last or str(holders[1][2])]
    words = [sys.executable, "-m", "giamsat_agent.uplink.emergency", str(folder), office.ingest, *files]

    ended = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert said in ended.stderr
