# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from giamsat_agent.packets.detectors.name_beacon import IDLE, MANY, DnsBeacon
from giamsat_agent.packets.periodicity import CALLS, CALLS_OF_A_CLOCK
from support.capture import CLIENT, DNS, DNSQR, DNSRR, IP, TCP, UDP, batches, classes, found, frame, pcap, retained

RESOLVER, ZONE = "10.0.0.53", "bao-cao.example"
TOLD = {("beacon", CLIENT)}


def evenly(count, period=60, jitter=0.0):
    rng = random.Random(4)
    times = [10.0]
    while len(times) < count:
        times.append(times[-1] + period * rng.uniform(1 - jitter, 1 + jitter))
    return times


def coded(number):
    """A name that holds who asks and a number."""
    return f"{random.Random(number).getrandbits(48):012x}"


def question(name, kind="TXT", *, client=CLIENT):
    asked = DNS(rd=1, qd=DNSQR(qname=name, qtype=kind))
    return frame(IP(src=client, dst=RESOLVER), UDP(sport=50_000, dport=53), asked)


def talk(at, name, kind="TXT", *, address="198.51.100.9", code=0, turns=False, client=CLIENT):
    """A question, its answer, and a connection to the address that was given if the client `turns` to it."""
    back = IP(src=RESOLVER, dst=client)
    record = [] if code else [DNSRR(rrname=name, type=kind, rdata=address if kind == "A" else b"0", ttl=1)]
    answer = DNS(qr=1, rcode=code, qd=DNSQR(qname=name, qtype=kind), an=record)
    frames = [
        (at, question(name, kind, client=client)),
        (at + 0.05, frame(back, UDP(sport=53, dport=50_000), answer)),
    ]
    if turns:
        frames.append((at + 0.1, frame(IP(src=client, dst=address), TCP(sport=51_000, dport=443, flags="S"))))
    return frames


def asks(times, name=coded, **how):
    return [one for number, at in enumerate(times) for one in talk(at, f"{name(number)}.{ZONE}", **how)]


OPENS = [
    (700 + 20 * number, frame(IP(src=CLIENT, dst="192.0.2.1"), TCP(sport=49_000, dport=443, flags="S")))
    for number in range(60)
]
"""The client opens connections by itself: it is no resolver."""


def test_new_names_by_the_clock_or_with_jitter_are_a_beacon(tmp_path):
    assert classes(pcap(tmp_path / "a", asks(evenly(CALLS_OF_A_CLOCK + 1)))) == TOLD
    assert classes(pcap(tmp_path / "b", asks(evenly(CALLS_OF_A_CLOCK - 1)))) == set()
    assert classes(pcap(tmp_path / "c", asks(evenly(CALLS + 1, jitter=0.25)))) == TOLD
    assert classes(pcap(tmp_path / "d", asks(evenly(CALLS - 1, jitter=0.25)))) == set()


def test_addresses_that_are_asked_for_and_never_turned_to_are_one_after_a_while(tmp_path):
    enough = CALLS_OF_A_CLOCK + IDLE

    def told(name, count):
        return classes(pcap(tmp_path / name, sorted(OPENS + asks(evenly(count), kind="A", address="0.0.0.0"))))

    assert told("enough", enough) == TOLD
    assert told("one less", enough - 1) == set()


def test_an_address_of_this_very_host_hides_no_beacon_unless_many_ask_so(tmp_path):
    hiding = asks(evenly(60), kind="A", address="127.0.0.1")
    others = [
        (at, raw)
        for number in range(MANY)
        for at, raw in talk(
            1 + number, f"{coded(1_000 + number)}.{ZONE}", "A", address="127.0.0.1", client=f"10.0.1.{number + 1}"
        )
    ]

    assert classes(pcap(tmp_path / "x", sorted(OPENS + hiding))) == TOLD
    assert classes(pcap(tmp_path / "y", sorted(OPENS + hiding + others))) == set()


def test_it_says_below_which_domain_and_how_often(tmp_path):
    one = found(pcap(tmp_path / "x", asks(evenly(40, 30))))[-1]

    assert one.about == {"dns.question.registered_domain": ZONE}
    assert (one.counts["period_seconds"], one.targets[0].ip, one.targets[0].port) == (30, RESOLVER, 53)
    assert ZONE in one.words[0]


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(lambda: asks(evenly(60), lambda _: "thoi-gian"), id="one name again and again"),
        pytest.param(
            lambda: OPENS + asks(evenly(90), lambda number: f"may-chu-{1000 + number % 12}", kind="A"),
            id="hosts that are polled in turn",
        ),
        pytest.param(
            lambda: OPENS + asks(evenly(60, 300), kind="A", turns=True),
            id="a page that loads itself anew, with names of its own",
        ),
        pytest.param(lambda: asks(evenly(60), kind="A"), id="a resolver that asks for others"),
        pytest.param(lambda: asks(evenly(60, jitter=0.9)), id="as people browse"),
        pytest.param(
            lambda: OPENS + asks(evenly(60), lambda number: f"{number}.113.0.203", kind="A", address="127.0.0.4"),
            id="a list that is asked about others",
        ),
        pytest.param(
            lambda: OPENS + asks(evenly(60), lambda number: coded(number)[:8] * 4, kind="A", address="127.0.0.2"),
            id="a list that is asked about files",
        ),
        pytest.param(lambda: asks(evenly(60), code=3), id="names that are not there"),
        pytest.param(
            lambda: asks(evenly(60), lambda number: "abcdefghijklmnop"[number % 16] * 3), id="names that say nothing"
        ),
        pytest.param(
            lambda: [
                one
                for number, at in enumerate(evenly(60))
                for one in talk(at, f"{number}.113.0.203.in-addr.arpa", kind="PTR")
            ],
            id="addresses that are looked up",
        ),
    ],
)
def test_what_is_ordinary_is_no_beacon(tmp_path, frames):
    assert classes(pcap(tmp_path / "x", sorted(frames()))) == set()


def test_what_is_kept_of_ever_new_names_is_bounded(tmp_path):
    frames = [(number / 100, question(f"{coded(number)}.z{number % 400}.example")) for number in range(4_000)]

    assert retained(DnsBeacon, pcap(tmp_path / "x", frames)) < 4 << 20


def test_how_frames_are_cut_into_batches_decides_over_nothing(tmp_path):
    late = [(2_000, OPENS[0][1])]
    for number, frames in enumerate(
        (
            asks(evenly(CALLS + 5, jitter=0.2)),
            late + asks(evenly(40), kind="A"),
            OPENS + asks(evenly(40)[:25], kind="A") + asks(evenly(40)[25:], kind="A", turns=True),
        )
    ):
        path = pcap(tmp_path / str(number), sorted(frames))

        def told(at_once, path=path):
            detector = DnsBeacon()
            return [one.counts for batch in batches(path, at_once) for one in detector.take(batch)]

        assert told(1) == told(7) == told(10_000) != []
