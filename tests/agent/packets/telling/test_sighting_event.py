# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.telling.report import Sighted
from giamsat_agent.packets.telling.sighting_event import event

DAY_S = 86_400


@pytest.mark.parametrize(("last_ns", "ago"), [(0, DAY_S), (9 * 10**18, 0)])
def test_what_was_not_seen_is_not_told_and_a_wrong_clock_of_the_capture_is_bounded(last_ns, ago):
    report = Sighted("eth0", "02:00:00:00:00:05", 0, (), "", "", (), last_ns, last_ns, fresh=False)

    fields = event(report, wall_ns=10**18, mono_ns=1).fields

    assert fields["giamsat.sighting.ago_seconds"] == ago
    assert fields["giamsat.sighting.segment"] == "eth0"
    assert not {"source.ip", "source.domain", "network.vlan.id", "giamsat.sighting.services"} & set(fields)
