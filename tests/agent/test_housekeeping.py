# SPDX-License-Identifier: Apache-2.0
from random import Random
from types import SimpleNamespace

import pytest

from giamsat_agent.config import Config
from giamsat_agent.housekeeping import LATEST_S, Upkeep
from giamsat_agent.safe_start import Mode, Start
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_agent.uplink.client import Link
from giamsat_agent.uplink.session import Session
from giamsat_wire.lane import Lane
from support.clock import ManualClock
from support.files import Disk
from support.metric_frames import Maker


@pytest.fixture
def spool():
    opened = Spool(
        Disk().folder, owner=Owner("a", "b"), clock=ManualClock(), random_bits=Random(1).getrandbits, caps=Caps()
    )
    maker = Maker(Random(2))
    for number in range(1, 1_200):
        frame = maker.frame(number, begin=opened.begins_segment(Lane.METRIC))
        opened.append(Lane.METRIC, frame.flags, frame.payload)
    opened.commit(Lane.METRIC)
    return opened


@pytest.fixture
def kept_up(spool, tmp_path):
    def upkeep(rate, *, connected=True):
        session = Session()
        session.pace._rate = rate
        return Upkeep(
            Start(Mode.CONFIGURED, Config(state=str(tmp_path))),
            SimpleNamespace(),
            spool=spool,
            session=session,
            client=SimpleNamespace(link=Link(connected=connected)),
            renewing=SimpleNamespace(),
            clock=ManualClock(),
            sensors=0,
            failing=dict,
            counted=dict,
        )

    return upkeep


def test_metrics_that_a_link_would_take_too_long_for_are_thinned_from_the_second_look_on(kept_up, spool):
    waiting = spool.state(Lane.METRIC).waiting_bytes
    upkeep = kept_up(waiting / (LATEST_S * 1.01))
    upkeep.keep_up()
    assert spool.thinned_total == 0

    upkeep.keep_up()
    thinned = spool.thinned_total
    upkeep.keep_up()

    assert 0 < thinned == spool.thinned_total
    assert spool.state(Lane.METRIC).waiting_bytes < waiting


@pytest.mark.parametrize(("rate", "connected"), [(1e6, True), (1.0, False)], ids=["fast enough", "not connected"])
def test_what_the_link_will_carry_or_is_not_there_to_carry_stays_whole(kept_up, spool, rate, connected):
    upkeep = kept_up(rate, connected=connected)
    for _ in range(3):
        upkeep.keep_up()

    assert spool.thinned_total == 0
