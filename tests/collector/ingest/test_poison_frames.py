# SPDX-License-Identifier: Apache-2.0
"""An agent whose memory spoils one frame in a thousand; the agent and the server are real."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select

from giamsat_collector.ingest import frames
from giamsat_collector.ingest.tables import quarantine
from giamsat_wire import limits
from giamsat_wire.lane import Lane
from support.files import Disk
from support.ingest_site import opened
from support.patience import Patience
from support.uplinks import emptied, made, put, running
from support.uplinks import opened as spool_on

LANE = Lane.EVENT
STALLS_S = 1.0


@pytest.fixture
async def site(tmp_path):
    async with opened(tmp_path) as site:
        yield site


def why(seq):
    """What is wrong with a frame, of the one in a thousand that is spoilt: a byte, or that it has no end."""
    return {500: "checksum", 1_500: "too_big"}.get(seq % 2_000)


def spoiling(spool):
    """A spool of which some frames are read as others than were written."""
    whole = spool.read

    def read(*words, **bounds):
        return tuple(_spoilt(frame) if why(frame.seq) else frame for frame in whole(*words, **bounds))

    spool.read = read
    return spool


def _spoilt(frame):
    more = b"!" if why(frame.seq) == "checksum" else bytes(limits.FRAME_BYTES)
    return replace(frame, payload=frame.payload + more)


async def test_of_a_thousand_frames_one_that_is_spoilt_is_set_aside_and_told_and_holds_nothing_up(site, pytestconfig):
    count = pytestconfig.option.spoilt * 1_000
    spool = spoiling(spool_on(Disk()))
    put(spool, LANE, *(b"%d" % seq for seq in range(1, count + 1)))
    agent = made(spool, site, identity=site.admitted())
    async with running(agent):
        acked, patience = 0, Patience(60)
        while not emptied(spool):
            await asyncio.sleep(0.01)
            if (now := spool.state(LANE).acked) > acked:
                acked, patience = now, Patience(STALLS_S)
            assert patience.lasts(), acked
        stored = await site.store.read(lambda rows: frames.after(rows, 0, count))
        aside = await site.store.read(lambda rows: rows.execute(select(quarantine)).all())

    spoilt = {seq: why(seq) for seq in range(1, count + 1) if why(seq)}
    assert [frame.payload for frame in stored] == [b"%d" % seq for seq in range(1, count + 1) if seq not in spoilt]
    assert {row.seq: row.reason for row in aside} == spoilt
    assert site.service._intake.quarantined_total == Counter(spoilt.values())
    assert 0 < agent.refused["quarantined"] <= len(spoilt)
    assert agent.link.connected
