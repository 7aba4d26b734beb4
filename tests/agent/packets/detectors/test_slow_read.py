# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.slow_read import LEAST, SlowReading
from support.capture import ATTACKER, CLIENT, IP, SERVER, TCP, batches, found, frame, pcap, retained

SECONDS = (0, 0.4, 1, 3, 7, 14, 28)
"""When a server asks again whether there is room, as Linux does."""


def waiting(count, *, room_at=(), client=ATTACKER, port=80):
    """Connections whose clients have no room; from those seconds on they have."""

    def says(number, window):
        return frame(IP(src=client, dst=SERVER), TCP(sport=1_024 + number, dport=port, flags="A", window=window))

    full = [says(number, 0) for number in range(count)]
    room = [says(number, 500) for number in range(count)] if room_at else []
    return sorted(
        (second + number * 0.001, (room if second in room_at else full)[number])
        for number in range(count)
        for second in SECONDS
    )


def test_a_hundred_clients_that_ask_and_do_not_read_hold_up_a_server(tmp_path):
    (held,) = found(pcap(tmp_path / "x", waiting(LEAST + 10)))

    assert (held.name, held.source_ip, held.targets[0].ip) == ("connection_exhaustion", ATTACKER, SERVER)
    # Two connections whose keyed hashes meet are one, now and then.
    assert LEAST + 7 <= held.counts["connections"] <= LEAST + 10
    assert held.counts["sources"] == 1


@pytest.mark.parametrize("at_once", [1, 13, 100_000])
def test_how_frames_are_cut_into_batches_decides_over_nothing(tmp_path, at_once):
    detector, path = SlowReading(), pcap(tmp_path / "x", waiting(LEAST + 10))

    told = [one for batch in batches(path, at_once) for one in detector.take(batch)]

    assert told
    assert all(LEAST + 7 <= one.counts["connections"] <= LEAST + 10 for one in told)


@pytest.mark.parametrize(
    ("count", "how"),
    [(LEAST - 1, {}), (3 * LEAST, {"room_at": (7, 28), "client": CLIENT}), (3 * LEAST, {"port": 5_432})],
    ids=["fewer", "readers that are only slow", "no web service"],
)
def test_what_is_read_in_the_end_is_none(tmp_path, count, how):
    assert found(pcap(tmp_path / "x", waiting(count, **how))) == ()


def test_what_is_kept_is_bounded(tmp_path):
    assert retained(SlowReading, pcap(tmp_path / "x", waiting(LEAST))) < 5 << 20
