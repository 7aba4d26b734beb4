# SPDX-License-Identifier: Apache-2.0
import asyncio

import pytest

from giamsat_collector.enrol import signer as signers
from giamsat_collector.enrol.signer import Signer, SignerError, at
from giamsat_collector.errors import StartError
from giamsat_collector.signing.decision import SigningRefusedError, Wanted
from giamsat_collector.signing.desk import Right
from giamsat_collector.signing.possession import spki_sha256
from giamsat_collector.signing.server import serve
from support.authority import open_authority
from support.clock import ManualClock
from support.csr import fresh_key, request

AGENT = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def authority(tmp_path):
    return open_authority(tmp_path / "ca", ManualClock())


async def test_over_its_socket_the_signer_certifies_and_says_no(tmp_path, authority):
    async with serve(tmp_path / "s", authority.desk, lambda _: Right.SIGN):
        signer = await Signer.opened(at(tmp_path / "s"))
        own = await signer.server(("soc.example",))
        chain = await signer.carrier(fresh_key())
        with pytest.raises(SigningRefusedError, match="names"):
            await signer.server(("-rf",))

    assert signer.trust.root == authority.root
    assert b"PRIVATE KEY" in own.key
    chain[0].verify_directly_issued_by(chain[1])
    assert (signer.up, signer.signed_total, dict(signer.failures_total)) == (True, 2, {"name": 1})


async def test_a_signer_that_is_gone_is_counted_and_one_that_is_back_is_asked_again(tmp_path, authority):
    async with serve(tmp_path / "s", authority.desk, lambda _: Right.SIGN):
        signer = await Signer.opened(at(tmp_path / "s"))
    for _ in range(2):
        with pytest.raises(SignerError, match=r"giamsat-signer\.service"):
            await signer.server(("soc.example",))
    gone = signer.up, dict(signer.failures_total), await signer.look()

    async with serve(tmp_path / "s", authority.desk, lambda _: Right.SIGN):
        await signer.look()

    assert gone == (False, {"no_answer": 2}, False)
    assert signer.up


async def test_a_rotation_is_learnt_at_the_next_look(authority):
    before = await authority.signer.look()
    authority.keys.rotate()

    changed, after = await authority.signer.look(), await authority.signer.look()

    assert (before, changed, after) == (False, True, False)
    assert authority.signer.trust.roots == authority.keys.roots
    assert authority.signer.trust.roots_pem.count(b"BEGIN CERTIFICATE") == 2


@pytest.mark.parametrize(
    "answer", [b"", b"[]\n", b"no\n", b'{"version": 1}\n', b'{"refused": "user", "sentence": "no"}\n']
)
async def test_whatever_else_answers_there_stops_the_start(tmp_path, monkeypatch, answer):
    async def talk(reader, writer):
        writer.write(answer)
        writer.close()

    monkeypatch.setattr(signers, "START_S", 0.0)
    server = await asyncio.start_unix_server(talk, tmp_path / "s")

    with pytest.raises(StartError):
        await Signer.opened(at(tmp_path / "s"))

    server.close()


def wanting():
    """The first certificate of an agent, as its host asked for it."""
    host = request("gs1.aaaaaaaaaaaa.bbb.ccc")
    return Wanted(AGENT, "u", 1, host.csr_der, host.bound_spki_der, host.bound_signature, host.token_id)


async def test_what_was_signed_for_an_agent_last_is_known_to_the_signer(authority):
    wanted = wanting()
    assert (await authority.signer.issued(wanted.agent_id)).generation == 0

    (leaf, issuer) = await authority.signer.agent(wanted)

    found = await authority.signer.issued(wanted.agent_id)
    assert (found.generation, found.spki_sha256) == (1, spki_sha256(leaf.public_key()))
    assert authority.signer.trust.chain_of(leaf) == (leaf, issuer)
    authority.keys.replace()
    await authority.signer.look()
    with pytest.raises(ValueError, match="nobody"):
        authority.signer.trust.chain_of(leaf)


async def test_a_signer_of_an_earlier_version_is_named_as_such(authority):
    async def earlier(_):
        return {"roots": []}

    authority.signer._ask = earlier

    with pytest.raises(SignerError, match="earlier version"):
        await authority.signer.issued("A1")
