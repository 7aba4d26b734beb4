# SPDX-License-Identifier: Apache-2.0
import select

import pytest

from giamsat_agent.packets.errors import InterfaceError
from giamsat_agent.packets.sources.alarm import EVERY, Alarm
from support.capture import IP, UDP, frame
from support.lab import lab

RAW = frame(IP(src="10.9.0.1", dst="10.9.0.2"), UDP(sport=1_000, dport=2_000))


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("ip")
def test_it_rings_when_many_frames_pass_and_can_be_waited_for():
    with lab() as pair, pair.inside():
        alarm = Alarm(pair.watched)
        assert not alarm.rang()
        # That none of these is the one has a chance of 1 in 10^8.
        pair.send([RAW] * (20 * EVERY))
        waited = select.select([alarm], (), (), 10)[0]
        rang = alarm.rang(), alarm.rang()
        alarm.close()

    assert waited == [alarm]
    assert rang == (True, False)


def test_an_interface_that_is_not_there_is_refused():
    with pytest.raises(InterfaceError, match="eth-khong-co: cannot be waited for"):
        Alarm("eth-khong-co")
