# SPDX-License-Identifier: Apache-2.0
"""Renewal between a real agent's files and real servers on loopback, over mutual TLS."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from giamsat_agent.enrolment import enrol, parse_token
from giamsat_agent.errors import RejectedError, TransportError
from giamsat_agent.uplink import identity, renewal
from giamsat_collector.enrol.tables import agents, certificates
from giamsat_collector.signing.certificates import AGENT_LIFE
from giamsat_wire.clock import SystemClock
from support.authority import open_authority
from support.clock import ManualClock
from support.enrolling import desk
from support.relay import Relay
from support.renewals import greeted, renew, roots

LIFE_NS = int(AGENT_LIFE.total_seconds()) * 1_000_000_000


def expired():
    clock = ManualClock()
    clock.jump(SystemClock().wall_ns() - clock.wall_ns() + LIFE_NS)
    return clock


async def test_a_renewed_certificate_connects_and_the_one_before_it_is_over(office, folder):
    before = identity.load(folder)

    after = await renew(folder, office)

    assert (after.agent_id, after.generation, identity.load(folder)) == (before.agent_id, 2, after)
    assert await greeted(office, before) is None
    assert await greeted(office, after) is None
    assert "replaced by a later one" in await greeted(office, before)
    assert await office.remarks() == ["agent-certificate-superseded"]


@pytest.mark.parametrize("way", ["answer_bytes", "said_bytes"])
async def test_a_line_that_is_cut_at_any_byte_of_either_way_locks_nobody_out(office, folder, way, pytestconfig):
    lost = 0
    for most in range(0, 12_000, pytestconfig.option.cut_step):
        with contextlib.closing(Relay(office.ingest_port, **{way: most})) as relay, contextlib.suppress(TransportError):
            await asyncio.to_thread(renewal.renew, folder, f"127.0.0.1:{relay.port}", SystemClock())
            break
        lost += 1

    agent = office.allow_list.find(identity.load(folder).agent_id)
    assert lost > 5
    assert (agent.refused, identity.load(folder).generation) == (None, 2)
    assert await greeted(office, identity.load(folder)) is None


class PowerCut(BaseException):
    """The end of a program in the middle of its work."""


async def test_a_program_that_is_killed_at_any_step_to_the_disk_locks_nobody_out(office, folder, monkeypatch):
    before, step = identity.load(folder), 0
    while identity.load(folder).generation == 1:
        left = step

        def cut(real):
            def done(*words, **more):
                nonlocal left
                left -= 1
                if left < 0:
                    raise PowerCut
                return real(*words, **more)

            return done

        with monkeypatch.context() as patch:
            for owner, name in ((os, "fsync"), (os, "open"), (Path, "replace")):
                patch.setattr(owner, name, cut(getattr(owner, name)))
            with contextlib.suppress(PowerCut):
                await renew(folder, office)
        step += 1

    issued = await office.store.read(lambda c: c.execute(select(certificates.c.generation)).scalars().all())
    assert step > 8, "every step to the disk was tried"
    assert sorted(issued) == [1, 2]
    assert office.allow_list.find(before.agent_id).refused is None
    assert await greeted(office, identity.load(folder)) is None


async def test_new_roots_are_learnt_with_the_certificate_and_old_ones_forgotten_with_a_later_one(office, folder):
    old, keys_of = identity.load(folder), office.authority.keys
    keys_of.rotate()
    await office.follow()

    both = await renew(folder, office)
    assert await greeted(office, both) is None
    await office.authority.signer.look()
    trusting = office.allow_list.find(both.agent_id).current.roots
    keys_of.retire()
    await office.follow()
    last = await renew(folder, office)

    assert (len(roots(old)), len(roots(both)), trusting) == (1, 2, 2)
    assert roots(last) == [keys_of.root.public_key()]
    assert identity.load(folder) == last
    assert await greeted(office, last) is None


async def test_a_host_that_was_off_all_the_while_is_believed_until_the_old_root_is_retired(office, folder):
    old = identity.load(folder)
    office.authority.keys.rotate()
    await office.follow()
    assert await greeted(office, old) is None

    office.authority.keys.retire()
    await office.follow()

    with pytest.raises(TransportError):
        await renew(folder, office)


async def test_roots_by_which_the_collector_itself_is_not_believed_change_nothing(
    office, folder, monkeypatch, tmp_path
):
    other = open_authority(tmp_path / "other", SystemClock())
    office.authority.signer.trust = replace(office.authority.signer.trust, roots=(other.root,))
    before = identity.load(folder)

    with monkeypatch.context() as impatient:
        impatient.setattr(renewal, "PATIENCE_S", 1.0)
        with pytest.raises(TransportError, match="nothing was changed"):
            await renew(folder, office)

    assert identity.load(folder) == before
    await office.authority.signer.look()
    assert (await renew(folder, office)).generation == 2


async def test_a_copied_identity_is_locked_for_both_and_remarked(office, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    await renew(folder, office)

    with pytest.raises(RejectedError, match="held by two hosts"):
        await renew(tmp_path / "copy", office)

    with pytest.raises(RejectedError, match="locked"):
        await renew(folder, office)
    said = await greeted(office, identity.load(folder))
    assert said.startswith("locked: identity_copied; ")
    assert "ask the SOC" in said
    assert await office.remarks() == ["agent-identity-copied"]


async def test_a_disk_that_was_set_back_is_seen(office, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "backup")
    await greeted(office, await renew(folder, office))

    with pytest.raises(RejectedError, match="set back or copied"):
        await renew(tmp_path / "backup", office)

    assert await office.remarks() == ["agent-certificate-superseded"]


async def set_back(office):
    """The collector is restored from a backup of before any renewal; the signer, which is another one's, is not."""

    def forget(connection):
        connection.execute(certificates.delete().where(certificates.c.generation > 1))
        connection.execute(agents.update().values(generation=1))

    await office.store.write(forget)
    await office.store.read(office.allow_list.load)


async def test_a_collector_that_was_set_back_to_a_backup_takes_its_agents_again_and_no_copy(office, folder, tmp_path):
    first, second = identity.load(folder), await renew(folder, office)
    assert await greeted(office, second) is None
    shutil.copytree(folder, tmp_path / "copy")
    third = await renew(folder, office)
    assert await greeted(office, third) is None
    await set_back(office)

    assert await greeted(office, third) is None
    assert await office.remarks() == []
    for old in (first, second):
        assert "replaced by a later one" in await greeted(office, old)
    assert (await renew(folder, office)).generation == 4
    with pytest.raises(RejectedError):
        await renew(tmp_path / "copy", office)


async def test_a_collector_that_was_set_back_accuses_nobody_while_its_signer_is_gone(office, folder):
    later = await renew(folder, office)
    await greeted(office, later)
    await set_back(office)
    office.authority.gone = True
    assert "replaced by a later one" in await greeted(office, later)
    office.authority.gone = False

    assert await greeted(office, later) is None
    assert office.allow_list.find(later.agent_id).refused is None


async def test_an_expired_certificate_is_replaced_at_the_enrolment_port(tmp_path):
    (tmp_path / "collector").mkdir()
    past = ManualClock()
    past.jump(SystemClock().wall_ns() - past.wall_ns() - 2 * LIFE_NS)
    folder = tmp_path / "identity"
    async with desk(tmp_path / "collector", past) as office:
        token = parse_token(await office.token())
        await asyncio.to_thread(enrol, office.address, token, folder, hostname="máy-1")
        past.advance(2 * LIFE_NS)

        after = await renew(folder, office)

        assert after.generation == 2
        assert after.validity.until_s * 1_000_000_000 > past.wall_ns()
        assert await greeted(office, after) is None
        assert await office.remarks() == ["agent-certificate-recovered"]


async def test_a_clock_a_year_ahead_recovers_nothing_that_is_still_good(office, folder):
    with pytest.raises(RejectedError, match="still good"):
        await renew(folder, office, expired())

    assert identity.load(folder).generation == 1


async def test_the_program_says_in_one_line_what_went_wrong(office, folder):
    words = [sys.executable, "-m", "giamsat_agent.uplink.renewal", str(folder), "127.0.0.1:1"]

    ended = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "127.0.0.1:1" in ended.stderr
