# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from giamsat_collector.archive import block
from giamsat_collector.archive.block import HEAD_BYTES, DamagedError, Head
from support.stored import stored

FRAMES = [stored(1, agent="máy-1", payload=b""), stored(2, payload=bytes(5_000)), stored(9, received_ns=7)]


def test_frames_come_back_as_they_were():
    data = block.encode(FRAMES)
    said = block.head(data)

    assert said is not None
    assert block.whole(said, data[HEAD_BYTES:])
    assert list(block.decode(said, data[HEAD_BYTES:])) == FRAMES
    assert (said.first_id, said.last_id, said.first_ns) == (1, 9, 7)


def test_no_changed_byte_goes_unnoticed():
    data = block.encode(FRAMES)
    chance = random.Random(1)

    for at in range(len(data)):
        spoiled = bytearray(data)
        spoiled[at] ^= chance.randrange(1, 256)
        said = block.head(bytes(spoiled))
        assert said is None or not block.whole(said, bytes(spoiled[HEAD_BYTES:]))


def test_a_body_that_claims_more_than_allowed_is_no_head():
    data = bytearray(block.encode(FRAMES))
    data[16:20] = b"\xff\xff\xff\xff"

    assert block.head(bytes(data)) is None
    assert block.head(b"short") is None


def test_a_body_that_is_not_what_its_head_says_is_refused():
    with pytest.raises(DamagedError, match="frames 1 to 2"):
        list(block.decode(Head(0, 3, 100, 1, 2, 0, 0), b"abc"))


def test_a_body_that_says_it_is_endless_is_damaged_and_takes_no_memory():
    made = block.encode([stored(1)])
    endless = bytes.fromhex("28b52ffde0") + b"\xff" * 7 + b"\x7f" + bytes(8)

    with pytest.raises(block.DamagedError, match="longer"):
        list(block.decode(block.head(made), endless))
