# SPDX-License-Identifier: Apache-2.0
import select
import subprocess

import pytest

from giamsat_agent.packets.errors import InterfaceError
from giamsat_agent.packets.sources.wakeup_ring import FRAMES, Alarm
from support.capture import IP, UDP, frame
from support.lab import lab

RAW = frame(IP(src="10.9.0.1", dst="10.9.0.2"), UDP(sport=1_000, dport=2_000))


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("ip")
def test_it_rings_when_many_frames_pass_and_can_be_waited_for_but_not_for_a_quarter_of_them():
    with lab() as pair, pair.inside():
        alarm = Alarm(pair.watched)
        # That it rings for these has a chance of less than 1 in 10^8, as that it does not for all of them.
        pair.send([RAW] * (FRAMES // 4))
        soon = alarm.rang()
        pair.send([RAW] * (3 * FRAMES))
        waited = select.select([alarm], (), (), 10)[0]
        rang = alarm.rang(), alarm.rang()
        pair.send([RAW] * (3 * FRAMES))
        again = select.select([alarm], (), (), 10)[0], alarm.rang()
        alarm.close()

    assert not soon
    assert waited == [alarm]
    assert rang == (True, False)
    assert again == ([alarm], True)


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("ip")
def test_an_interface_that_goes_down_wakes_nobody_again_and_again():
    with lab() as pair, pair.inside():
        alarm = Alarm(pair.watched)
        subprocess.run(["ip", "link", "set", pair.watched, "down"], check=True)
        woken = select.select([alarm], (), (), 10)[0]
        rang = alarm.rang()
        again = select.select([alarm], (), (), 0)[0]
        alarm.close()

    assert (woken, rang, again) == ([alarm], False, [])


def test_an_interface_that_is_not_there_is_refused():
    with pytest.raises(InterfaceError, match="eth-khong-co: cannot be waited for"):
        Alarm("eth-khong-co")
