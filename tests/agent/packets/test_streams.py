# SPDX-License-Identifier: Apache-2.0
import socket
import struct
from pathlib import Path

import pytest

from giamsat_agent.packets.anomaly import Kind
from giamsat_agent.packets.flood_thresholds import LEAST
from giamsat_agent.packets.streams import ANSWERED_S, BEGINNING_S, EACH, STREAMED
from support.capture import ATTACKER, CLIENT, ICMP, IP, SERVER, VICTIM, classes, found, frame, pcap
from support.lab import lab
from support.peers import program
from support.wire import Wire

MANY = LEAST["udp_flood"]
BURST = 4_500
real = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip", "hping3", "iperf3")]
LOG = b"<134>Nov 29 10:00:00 tuong-lua: pass"


def datagrams(contents, source=CLIENT, target="10.0.0.9", *, sport=40_000, dport=514):
    """Frames by the thousand, which scapy would take seconds to build."""
    ends = socket.inet_aton(source) + socket.inet_aton(target)
    return [
        b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0"
        + struct.pack(">BBHHHBBH", 0x45, 0, 28 + len(content), 0, 0, 64, 17, 0)
        + ends
        + struct.pack(">HHHH", sport, dport, 8 + len(content), 0)
        + content
        for content in contents
    ]


def spread(raws, second=0):
    return [(second + number / (len(raws) + 1), raw) for number, raw in enumerate(raws)]


def rtp(count, start=0):
    return [struct.pack(">BBH", 0x80, 0x60, (start + number) % 65_536) + bytes(160) for number in range(count)]


def television(count):
    return [(bytes((0x47, 1, 0, 0x10 | 7 * number % 16)) + bytes(184)) * 7 for number in range(count)]


def udp_to(count, content=bytes(1_200), **ends):
    return datagrams([content] * count, **ends)


def answer(**ends):
    near = {"source": ends["target"], "target": ends["source"], "sport": ends["dport"], "dport": ends["sport"]}
    return datagrams([bytes(40)], **near)


VPN = {"source": CLIENT, "target": VICTIM, "sport": 51_820, "dport": 51_820}


@pytest.mark.parametrize(
    "contents",
    [
        pytest.param(rtp(MANY, 64_000), id="video"),
        pytest.param(television(MANY), id="television"),
        pytest.param([LOG] * MANY, id="logs"),
        pytest.param([b"\0\5\0\x14" + bytes(20 + 48 * 20)] * MANY, id="NetFlow 5"),
        pytest.param([b"\0\x0a\0\x40" + bytes(60)] * MANY, id="IPFIX"),
    ],
)
def test_what_is_never_answered_by_design_is_no_flood_and_what_only_begins_like_it_is_one(tmp_path, contents):
    assert classes(pcap(tmp_path / "x", spread(datagrams(contents)))) == set()
    # One end sends more than any such service does.
    over = contents[:1] * (EACH + 1)
    assert classes(pcap(tmp_path / "y", spread(datagrams(over)))) == {("flood", CLIENT)}


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param([b"\x80\x60\0\1" + bytes(160)] * MANY, id="a number that stands still"),
        pytest.param([b"\x80\x60" + (number * 40_503 % 65_536).to_bytes(2) for number in range(MANY)], id="at random"),
        pytest.param([b"\x47" + bytes(187)] * MANY, id="television that does not count"),
        pytest.param([b"<XXX" + bytes(40)] * MANY, id="no log"),
        pytest.param([b"\0\5\0\x14" + bytes(40)] * MANY, id="fewer flow records than it says"),
        pytest.param([b"\0\x0a\4\0" + bytes(40)] * MANY, id="shorter than it says"),
    ],
)
def test_a_form_that_is_not_kept_up_is_a_flood(tmp_path, forged):
    assert classes(pcap(tmp_path / "x", spread(datagrams(forged)))) == {("flood", CLIENT)}


def test_streams_beside_a_flood_do_not_hide_it(tmp_path):
    streams = datagrams(rtp(4_000)) + datagrams([LOG] * 4_000, sport=514)
    flood = datagrams([b"X" * 40] * MANY, ATTACKER)

    (told,) = found(pcap(tmp_path / "x", spread(streams + flood)))

    assert (told.source_ip, told.counts["packets"]) == (ATTACKER, MANY)


def test_who_answers_others_is_flooded_all_the_same(tmp_path):
    asks, answers = datagrams([b"?"], CLIENT, SERVER, dport=9), datagrams([b"!"], SERVER, CLIENT, sport=9, dport=40_000)
    flood = [raw for n in range(MANY) for raw in datagrams([b"X" * 40], f"203.{n % 199}.{n // 199}.7", SERVER)]

    assert {name for name, _ in classes(pcap(tmp_path / "x", spread((asks + answers) * 200 + flood)))} == {"flood"}


def test_logs_of_ends_that_were_heard_before_are_a_stream_and_those_of_ever_new_ends_are_a_flood(tmp_path):
    def of(offset):
        return [raw for n in range(MANY) for raw in datagrams([LOG], f"10.{n % 250}.{offset + n // 250}.7")]

    early, late = spread(of(0)), BEGINNING_S + 5
    assert classes(pcap(tmp_path / "x", early + spread(of(0), late))) == set()
    assert {name for name, _ in classes(pcap(tmp_path / "y", early + spread(of(100), late)))} == {"flood"}


def test_a_stream_that_the_host_refuses_is_a_flood(tmp_path):
    logs = datagrams([LOG] * MANY)
    refusal = frame(IP(src="10.0.0.9", dst=CLIENT), ICMP(type=3, code=3), bytes(28))

    assert classes(pcap(tmp_path / "x", spread([*logs, refusal]))) == {("flood", CLIENT)}


@pytest.mark.parametrize(
    ("frames", "told"),
    [
        pytest.param(
            spread(udp_to(MANY, **VPN), ANSWERED_S) + spread(answer(**VPN)), set(), id="answered within the time"
        ),
        pytest.param(
            spread(udp_to(MANY, **VPN), ANSWERED_S + 1) + spread(answer(**VPN)),
            {("flood", CLIENT)},
            id="answered too long ago",
        ),
        pytest.param(
            spread(udp_to(MANY, **VPN), 5) + spread(answer(**(VPN | {"dport": 53}))),
            {("flood", CLIENT)},
            id="answered in another talk",
        ),
        pytest.param(
            spread(udp_to(MANY, **(VPN | {"dport": 53})), 5) + spread(answer(**(VPN | {"dport": 53}))),
            {("flood", CLIENT)},
            id="a service that answers whatever is asked",
        ),
        pytest.param(
            spread([udp_to(1, bytes(n % 1_000), **VPN)[0] for n in range(MANY)], 5) + spread(answer(**VPN)),
            {("flood", CLIENT)},
            id="of every length",
        ),
        pytest.param(
            spread(udp_to(MANY, **VPN) + udp_to(MANY, **(VPN | {"sport": 7})), 5) + spread(answer(**VPN)),
            {("flood", CLIENT)},
            id="beside another of the same host",
        ),
        pytest.param(
            spread(udp_to(STREAMED + 1, bytes(9), **VPN), 5) + spread(answer(**VPN)),
            {("flood", CLIENT)},
            id="far too many",
        ),
    ],
)
def test_much_that_is_hardly_answered_is_a_stream_if_it_goes_to_one_end_that_answered_lately(tmp_path, frames, told):
    assert classes(pcap(tmp_path / "x", sorted(frames))) == told


@pytest.fixture(scope="module")
def wire():
    with lab() as pair:
        yield Wire(pair)


class TestRealPrograms:
    pytestmark = real

    def test_a_transfer_by_iperf3_is_no_flood(self, wire):
        with (
            wire.running(wire.pair.here, program("iperf3"), "-s", "-1", "--forceflush", until="Server listening"),
            wire.watched() as told,
        ):
            wire.attack(program("iperf3"), "-u", "-b", "30M", "-l", "1000", "-t", "2", "-c", wire.pair.address)

        assert [one.name for one in told if one.kind is Kind.ANOMALY] == []

    @pytest.mark.parametrize(
        ("content", "listened"),
        [pytest.param(rtp(1)[0], True, id="as video, somebody listens"), pytest.param(LOG, False, id="as logs")],
    )
    def test_a_flood_by_hping3_is_one_whatever_it_is_dressed_up_as(self, wire, tmp_path, content, listened):
        dress = tmp_path / "dress"
        dress.write_bytes(content)
        # As fast as it can: within one second of the clock or two, on a machine that is busy, too. In one of them there
        # are more than a flood has at least, in none so many that no form would be believed, in each what is refused.
        assert 2 * MANY < BURST < EACH
        how = ("-2", "-q", "-k", "-s", "4000", "-p", "514", "-i", "u1", "-c", BURST, "-d", len(content), "-E", dress)
        with wire.pair.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as service:
            Path("/proc/sys/net/ipv4/icmp_ratelimit").write_text("0")
            if listened:
                service.bind((wire.pair.address, 514))
            with wire.watched() as told:
                wire.flood(program("hping3"), *how, wire.pair.address)

        assert {one.source_ip for one in told if one.name == "flood"} == {wire.pair.there_address}
