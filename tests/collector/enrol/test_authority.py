# SPDX-License-Identifier: Apache-2.0
import asyncio

import pytest
from cryptography import x509

from giamsat_collector.config import Authority as Configured
from giamsat_collector.enrol.authority import AGAIN_NS, FAILED, SELF, Authority, open_authority, started
from giamsat_collector.enrol.emergency import open_emergency
from giamsat_collector.enrol.signer_process import ENDED, HUNG, SignerProcess
from giamsat_collector.errors import StartError
from support import authority as local
from support.clock import ManualClock
from support.memory_store import MemoryStore
from support.signers import signers_of


@pytest.fixture
def own(tmp_path):
    return local.open_authority(tmp_path / "ca", ManualClock())


@pytest.fixture
def authority(tmp_path, own):
    return Authority(tmp_path, tmp_path / "s", own.signer, own.carrier, open_emergency(tmp_path, ()), None)


async def test_a_rotation_reaches_what_servers_show_and_the_file_others_trust(tmp_path, own, authority):
    certificate = own.certificate()
    own.keys.rotate()

    await authority.look(certificate)

    roots = x509.load_pem_x509_certificates((tmp_path / "roots.pem").read_bytes())
    assert tuple(roots) == own.keys.roots
    assert certificate.current().client_roots == own.keys.client_roots_pem
    assert own.root in x509.load_pem_x509_certificates(certificate.current().chain)


async def test_a_disk_that_refuses_and_a_signer_that_is_gone_stop_nothing(tmp_path, own, authority):
    certificate = own.certificate()
    before = certificate.current()
    (tmp_path / "roots.pem").mkdir()
    own.keys.rotate()
    await authority.look(certificate)
    own.gone = True
    await authority.look(certificate)

    assert certificate.current() is before
    assert authority.troubles() == ("no_answer",)


async def test_each_trouble_is_told_once_an_hour_while_it_lasts(own, authority):
    told, store, clock = [], MemoryStore(), ManualClock()
    own.gone = True

    async def keep(looks):
        keeping = asyncio.ensure_future(
            authority.keep(own.certificate(), store, lambda _, who, kind, said: told.append((who, kind, said)), clock)
        )
        for _ in range(looks):
            await asyncio.sleep(0)
        keeping.cancel()

    await keep(5)
    await keep(5)
    once = list(told)
    clock.jump(-10 * AGAIN_NS)
    clock.advance(AGAIN_NS)
    await keep(5)
    await store.close()

    assert once == [(SELF, FAILED, {"giamsat.reason": "no_answer"})]
    assert len(told) == 2


async def test_that_its_own_signer_hung_or_ended_is_told_once_each_time(authority):
    process = authority.process = SignerProcess(authority.folder / "ca", authority.socket)
    quiet = authority.troubles()
    process.restarts_total[HUNG] += 1
    hung = authority.troubles()
    process.restarts_total[ENDED] += 1

    assert (quiet, hung, authority.troubles(), authority.troubles()) == ((), ("hung",), ("ended",), ())


async def test_a_signer_of_its_own_is_started_when_none_is_named(tmp_path):
    async with started(tmp_path, Configured()) as process:
        opened = await open_authority(tmp_path, Configured(), process)
        roots = x509.load_pem_x509_certificates((tmp_path / "roots.pem").read_bytes())
        lives = signers_of(tmp_path)

    assert (tmp_path / "ca" / "root-1" / "root.key").exists()
    assert list(opened.signer.trust.roots) == roots
    assert (len(lives), signers_of(tmp_path)) == (1, [])


async def test_where_a_signer_is_named_none_is_started(tmp_path):
    async with started(tmp_path, Configured(signer=str(tmp_path / "named"))) as process:
        assert (process, signers_of(tmp_path)) == (None, [])


async def test_a_signer_that_is_named_and_not_there_stops_the_start(tmp_path, monkeypatch):
    monkeypatch.setattr("giamsat_collector.enrol.signer.START_S", 0.0)

    with pytest.raises(StartError, match=r"\[authority\] signer"):
        await open_authority(tmp_path, Configured(signer=str(tmp_path / "none")), None)


async def test_a_signer_of_its_own_ends_when_what_it_signs_for_cannot_be_opened(tmp_path):
    (tmp_path / "carrier.key").write_text("no key")

    with pytest.raises(StartError, match="key of parcels"):
        async with started(tmp_path, Configured()) as process:
            await open_authority(tmp_path, Configured(), process)

    assert (tmp_path / "ca" / "root-1").exists(), "it had been started"
    assert signers_of(tmp_path) == []
