# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.spool.queue import LaneQueue
from giamsat_agent.spool.state import Owner
from giamsat_wire.lane import Lane
from support.clock import ManualClock
from support.files import Disk


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def lane(disk, clock):
    """A function that opens the one lane of the disk, as a start of the agent does."""

    def reopen(cap=72_000, epoch=7):
        return LaneQueue(
            Lane.EVENT,
            disk.folder("event"),
            owner=Owner("agent", "boot"),
            clock=clock,
            cap_bytes=cap,
            fresh_epoch=epoch,
        )

    return reopen
