# SPDX-License-Identifier: Apache-2.0
import gzip
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giamsat_agent.packets.errors import CaptureError
from giamsat_agent.packets.sources.captures import opened
from giamsat_agent.packets.sources.pcap import FRAMES_AT_ONCE, LARGE, MORE
from support.capture import IP, START, UDP, frame, pcap, pcapng, source

FRAMES = [
    (number * 0.25, frame(IP(src="10.0.0.1", dst="10.0.0.2"), UDP(sport=1000 + number, dport=9))) for number in range(5)
]
NS = 1_000_000_000


def seen(path):
    """Every frame's time after START and length, and the damage."""
    with source(path) as opened_:
        frames = [
            (int(at) - START * NS, int(length), chunk.link_type)
            for chunk in opened_.chunks()
            for at, length in zip(chunk.times_ns, chunk.lengths, strict=True)
        ]
        return frames, opened_.damage


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("magic", [0xA1B2C3D4, 0xA1B23C4D], ids=["µs", "ns"])
def test_a_classic_capture_is_read_in_both_byte_orders_and_resolutions(tmp_path, order, magic):
    frames, damage = seen(pcap(tmp_path / "x", FRAMES, order=order, magic=magic))

    assert frames == [(int(after * NS), len(raw), 1) for after, raw in FRAMES]
    assert damage is None


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_capture_of_several_interfaces_keeps_each_ones_link_and_clock(tmp_path, order):
    given_ = [(after, raw, number % 2) for number, (after, raw) in enumerate(FRAMES)]

    frames, damage = seen(pcapng(tmp_path / "x", given_, order=order, interfaces=((1, 6), (101, 9))))

    assert sorted(frames) == sorted((int(after * NS), len(raw), (1, 101)[number]) for after, raw, number in given_)
    assert damage is None


@pytest.mark.parametrize("at_once", [64, 500, 1 << 20])
def test_sections_of_either_byte_order_follow_each_other_however_the_file_is_cut(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr("giamsat_agent.packets.sources.pcapng.READ_BYTES", at_once)
    given_ = [(after, raw, number % 2) for number, (after, raw) in enumerate(FRAMES)]
    one = pcapng(tmp_path / "x", given_, order=">", interfaces=((1, 9), (101, 6)))
    other = pcapng(tmp_path / "y", given_, order="<", interfaces=((113, 3), (1, 10)))
    one.write_bytes(one.read_bytes() + other.read_bytes())

    expected = [
        (int(after * NS), len(raw), links[number]) for links in ((1, 101), (113, 1)) for after, raw, number in given_
    ]
    assert seen(one) == (expected, None)


def test_gzip_around_a_capture_is_opened(tmp_path):
    path = pcap(tmp_path / "x", FRAMES)
    path.write_bytes(gzip.compress(path.read_bytes()))

    assert len(seen(path)[0]) == len(FRAMES)


@pytest.mark.parametrize(
    "write", [pcap, lambda path, frames: pcapng(path, [(a, b, 0) for a, b in frames])], ids=["pcap", "pcapng"]
)
def test_wherever_a_capture_ends_what_came_before_is_read_and_the_place_is_said(tmp_path, write):
    whole = write(tmp_path / "whole", FRAMES).read_bytes()
    for cut in range(30, len(whole), 7):
        (tmp_path / "cut").write_bytes(whole[:cut])

        frames, damage = seen(tmp_path / "cut")

        assert len(frames) <= len(FRAMES)
        assert damage is None or (damage.offset <= cut and damage.reason)
        assert damage is not None or len(frames) == len(FRAMES) or cut < len(whole)


def test_many_small_frames_come_in_several_chunks_whose_numbers_go_on(tmp_path):
    with opened(pcap(tmp_path / "x", [(0.0, b"x")] * (2 * FRAMES_AT_ONCE + 1))) as capture:
        chunks = [(chunk.first, len(chunk.offsets)) for chunk in capture.chunks()]

    assert chunks == [(1, FRAMES_AT_ONCE), (1 + FRAMES_AT_ONCE, FRAMES_AT_ONCE), (1 + 2 * FRAMES_AT_ONCE, 1)]


def test_more_large_frames_come_in_one_chunk(tmp_path):
    with opened(pcap(tmp_path / "x", [(0.0, bytes(LARGE))] * (MORE * FRAMES_AT_ONCE + 1))) as capture:
        assert [len(chunk.offsets) for chunk in capture.chunks()] == [MORE * FRAMES_AT_ONCE, 1]


RECORD = struct.pack("<4I", START, 0, 60, 60) + bytes(60)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("contents", "begin", "between"),
    [
        ([b"", bytes(900), bytes(60)], 0.0, 0.25),
        ([RECORD * 3, b"\0" + RECORD * 9], 0.0, 0.25),
        ([bytes(1400)] * 99 + [b""] * 999, 0.0, 0.25),
        ([bytes(500)], -float(START), 0.0),
        ([bytes(500)], 0.0, 10_000.0),
    ],
    ids=["ordinary", "records within frames", "many small ones in a row", "no times", "hours between"],
)
def test_every_frame_of_a_long_capture_is_found_whatever_looks_like_one(tmp_path, order, contents, begin, between):
    count = 3_000
    frames = [(begin + n * between, b"frame" + contents[n % len(contents)]) for n in range(count)]
    path = pcap(tmp_path / "x", frames, order=order)

    assert seen(path) == ([(int(after * NS), len(raw), 1) for after, raw in frames], None)

    path.write_bytes(path.read_bytes()[:-1])

    assert len(seen(path)[0]) == count - 1


def test_a_length_that_cannot_be_is_damage_and_not_memory(tmp_path):
    path = pcap(tmp_path / "x", FRAMES)
    raw = bytearray(path.read_bytes())
    raw[24 + 8 : 24 + 12] = b"\xff\xff\xff\x7f"
    path.write_bytes(raw)

    frames, damage = seen(path)

    assert frames == []
    assert "2147483647 bytes" in damage.reason


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x1f\x8b" + bytes(30)])
def test_what_is_no_capture_is_refused_with_what_to_give(tmp_path, content):
    (tmp_path / "x").write_bytes(content)

    with pytest.raises(CaptureError, match="pcap or pcapng"), opened(tmp_path / "x"):
        pass


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CaptureError, match="nowhere"), opened(tmp_path / "nowhere"):
        pass


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"\xd4\xc3\xb2\xa1", b"\x0a\x0d\x0d\x0a", b"\xa1\xb2\x3c\x4d"]))
def test_any_bytes_behind_a_magic_number_are_survived(tmp_path_factory, content, magic):
    path = tmp_path_factory.mktemp("capture") / "x"
    path.write_bytes(magic + content)

    with opened(path) as source_:
        assert sum(len(chunk.offsets) for chunk in source_.chunks()) <= len(content)
