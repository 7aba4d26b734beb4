# SPDX-License-Identifier: Apache-2.0
import numpy as np
from scapy.utils import rdpcap

from giamsat_agent.packets.anomaly import FRAMES, Anomaly, Severity
from giamsat_agent.packets.chunk import PADDING, Chunk
from giamsat_agent.packets.evidence import KEPT, Frame, as_pcap, collected, identity, picked
from giamsat_agent.packets.telling.report import PCAP_BYTES
from support.capture import IP, START, TCP, frame, pcap, source


def anomaly(*numbers):
    return Anomaly("flood", Severity.HIGH, ("", ""), "203.0.113.9", 0, 0, frames=numbers)


def test_the_frames_an_anomaly_names_are_read_by_scapy_as_they_were_with_their_times(tmp_path):
    raw = [frame(IP(src=f"10.0.0.{number}"), TCP(dport=number)) for number in range(1, 10)]
    path = pcap(tmp_path / "all", [(number * 0.5, one) for number, one in enumerate(raw)])
    with source(path) as frames:
        first, none, second = collected(frames, [anomaly(2, 9), anomaly(), anomaly(3)])
    (tmp_path / "some").write_bytes(first)
    (tmp_path / "other").write_bytes(second)

    found = rdpcap(str(tmp_path / "some"))
    assert [bytes(one) for one in found] == [raw[1], raw[8]]
    assert [float(one.time) for one in found] == [START + 0.5, START + 4.0]
    assert [bytes(one) for one in rdpcap(str(tmp_path / "other"))] == [raw[2]]
    assert none == b""


def test_however_long_and_many_the_frames_are_a_capture_is_bounded_and_says_how_long_they_were(tmp_path):
    long = pcap(tmp_path / "long", [(number, bytes(60_000)) for number in range(FRAMES + 5)])
    with source(long) as frames:
        (found,) = collected(frames, [anomaly(*range(1, FRAMES + 6))])
    (tmp_path / "cut").write_bytes(found)

    assert len(found) <= PCAP_BYTES
    read = rdpcap(str(tmp_path / "cut"))
    assert [(len(one), one.wirelen) for one in read] == [(KEPT, 60_000)] * FRAMES


def test_the_tag_that_the_kernel_took_off_is_put_back():
    raw = frame(IP(), TCP())
    places = np.zeros(1, np.int64)
    chunk = Chunk(
        np.frombuffer(raw + bytes(PADDING), np.uint8), places, places + len(raw), places, 1, 1, vlans=places + 42
    )
    (found,) = picked(chunk, [0])

    assert found.data[12:18] == b"\x81\x00\x00\x2a\x08\x00"
    assert found.original == len(raw) + 4


def test_frames_of_another_link_type_do_not_get_into_a_capture():
    here, other = Frame(0, 4, 1, b"here"), Frame(0, 5, 101, b"there")

    assert as_pcap([here, other]) == as_pcap([here])
    assert identity(as_pcap([here])) != identity(as_pcap([other]))
