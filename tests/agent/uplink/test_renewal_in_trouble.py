# SPDX-License-Identifier: Apache-2.0
"""Renewal on a host whose clock is wrong or whose disk is full."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys

import pytest

from giamsat_agent.errors import IdentityError
from giamsat_agent.uplink import identity
from support.renewals import greeted, renew, roots


@pytest.mark.peer("faketime")
@pytest.mark.parametrize("off", ["+1y", "-1y"])
async def test_with_a_clock_a_year_off_nothing_is_renewed_or_used_up_and_it_is_said(office, folder, off):
    words = [sys.executable, "-m", "giamsat_agent.uplink.renewal", str(folder), office.ingest]

    ended = await asyncio.to_thread(
        subprocess.run, ["faketime", "-f", off, *words], capture_output=True, text=True, check=False
    )
    after = await renew(folder, office)

    assert ended.returncode == 1
    assert "set this host's clock right" in ended.stderr.splitlines()[-1]
    assert (after.generation, office.allow_list.find(after.agent_id).recovery_left) == (2, 3)
    assert await greeted(office, after) is None
    assert await office.remarks() == []


PAGE = 4096


@pytest.fixture
def small(tmp_path):
    """A small file system in memory."""
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k,mode=700", "none", place], check=True)
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def filled(ballast, but_pages):
    """Take every page of a file system, and give some back."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(PAGE)):
            pass
    os.truncate(ballast, max(ballast.stat().st_size - but_pages * PAGE, 0))


@pytest.mark.root
async def test_a_disk_that_is_full_at_any_step_of_a_renewal_locks_nobody_out(office, folder, small):
    """While the roots are being exchanged, so that as many files as ever are written."""
    there, tries = small / "identity", 0
    shutil.copytree(folder, there)
    before = identity.load(there)
    office.authority.keys.rotate()
    await office.follow()
    while identity.load(there).generation == 1:
        filled(small / "ballast", tries)
        with contextlib.suppress(IdentityError):
            await renew(there, office)
        assert await greeted(office, identity.load(there)) is None
        tries += 1
    after = identity.load(there)

    assert tries > 2, "it failed at its first step, and later"
    assert len(roots(after)) == 2
    assert (after.agent_id, office.allow_list.find(after.agent_id).refused) == (before.agent_id, None)
    assert await office.remarks() == []
