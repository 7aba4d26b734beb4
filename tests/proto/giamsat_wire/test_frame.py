# SPDX-License-Identifier: Apache-2.0
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_wire.frame import HEADER, MAGIC, checksum
from giamsat_wire.lane import Lane

FRAME = {"flags": 1, "lane": 2, "seq": 3, "payload": b"xin chao"}


def test_the_header_is_sixteen_bytes_in_little_endian_order():
    assert HEADER.pack(MAGIC, 1, 2, 3, 4) == b"GS\x01\x02\x03\0\0\0\x04\0\0\0\0\0\0\0"


def test_the_checksum_is_the_crc_of_header_and_payload():
    whole = HEADER.pack(b"GS", 1, 2, 8, 3) + b"xin chao"

    assert checksum(**FRAME) == zlib.crc32(whole)


@pytest.mark.parametrize("change", [{"flags": 0}, {"lane": 1}, {"seq": 4}, {"payload": b"xin chaO"}])
def test_whatever_is_changed_the_checksum_changes(change):
    assert checksum(**{**FRAME, **change}) != checksum(**FRAME)


@given(st.binary(min_size=1, max_size=200), st.data())
def test_one_flipped_bit_is_always_noticed(payload, data):
    at = data.draw(st.integers(0, len(payload) * 8 - 1))
    flipped = bytearray(payload)
    flipped[at // 8] ^= 1 << at % 8

    assert checksum(**{**FRAME, "payload": bytes(flipped)}) != checksum(**{**FRAME, "payload": payload})


@given(st.sampled_from(Lane), st.integers(0, (1 << 64) - 1), st.integers(0, 255))
def test_every_frame_number_and_flag_has_a_checksum_of_32_bits(lane, seq, flags):
    assert 0 <= checksum(flags=flags, lane=lane, seq=seq, payload=b"") < 1 << 32
