# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.accepted_sweep import SERVICES, AcceptedSweep
from giamsat_agent.packets.scan_thresholds import HOSTS_A_MINUTE
from support.capture import CLIENT, IP, TCP, batches, classes, found, frame, pcap, retained

PORT = 443


def host(number, net="10.0.7"):
    return f"{net}.{number + 1}"


def says(source, flags, *, who=CLIENT, own=40_000, data=b""):
    return frame(IP(src=source, dst=who), TCP(sport=PORT, dport=own, flags=flags, seq=1, ack=2), data)


def accepts(count=HOSTS_A_MINUTE, *, own=40_000, net="10.0.7", every=1):
    return [says(host(every * number, net), "SA", own=own) for number in range(count)]


def at(every_s, raws):
    return [(number * every_s, raw) for number, raw in enumerate(raws)]


def test_host_after_host_that_accepts_and_says_no_more_shows_a_sweep_of_open_ports(tmp_path):
    (told,) = found(pcap(tmp_path / "x", at(0.1, accepts())))

    assert (told.name, told.source_ip, told.totals["targets"]) == ("scan_tcp_horizontal", CLIENT, HOSTS_A_MINUTE)
    assert classes(pcap(tmp_path / "y", at(0.1, accepts(HOSTS_A_MINUTE - 1)))) == set()


@pytest.mark.parametrize(
    "frames",
    [
        at(0.1, [raw for n, one in enumerate(accepts()) for raw in (one, says(host(n), "PA", data=b"hello"))]),
        at(0.1, [raw for n, one in enumerate(accepts()) for raw in (one, says(host(n), "FA"))]),
        at(0.1, [*accepts(), *accepts(own=40_001)]),
        at(0.1, accepts(net="198.51.100")),
        at(0.1, accepts(every=9)),
        at(0.1, [frame(IP(src=CLIENT, dst=host(90)), TCP(sport=9, dport=PORT, flags="S")), *accepts()]),
    ],
    ids=["told something", "taken leave of", "called again", "from outside", "here and there", "a caller that is seen"],
)
def test_what_else_is_accepted_is_none(tmp_path, frames):
    assert classes(pcap(tmp_path / "x", frames)) == set()


@pytest.mark.parametrize("at_once", [1, 1_000])
def test_it_is_told_once_there_was_time_to_call_again(tmp_path, at_once):
    def told(name, frames):
        detector = AcceptedSweep()
        return [len(list(detector.take(batch))) for batch in batches(pcap(tmp_path / name, frames), at_once)]

    later = (60.0, says(host(200), "A"))
    assert sum(told("x", [*at(0.1, accepts()), later])) == 1
    assert sum(told("y", [*at(0.1, accepts()), *((30 + 0.1 * n, raw) for n, raw in at(1, accepts(own=7))), later])) == 0


def test_what_is_kept_is_bounded(tmp_path):
    frames = at(
        1e-4, [says(host(n % 250, f"10.{n // 2_500}.1"), "SA", who=f"10.9.{n // 250}.1") for n in range(10_000)]
    )

    assert retained(AcceptedSweep, pcap(tmp_path / "x", frames)) * SERVICES / 40 <= 8 << 20
