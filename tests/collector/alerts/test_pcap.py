# SPDX-License-Identifier: Apache-2.0
import struct

import pytest

from giamsat_collector.alerts.pcap import BYTES, Capture, Frame, read, written
from giamsat_collector.errors import RefusedError

FIRST, SECOND = Frame(1_800_000_000_000_000_001, b"first", 9), Frame(1_800_000_000_500_000_000, b"second", 6)
WHOLE = written([Capture(1, (SECOND, FIRST))], 1)


def test_what_is_written_is_read_by_time():
    assert read(WHOLE) == Capture(1, (FIRST, SECOND))


def test_captures_are_put_together_each_frame_once_and_only_of_one_link_type():
    others = [Capture(1, (SECOND,)), Capture(101, (Frame(5, b"other", 5),)), Capture(1, (FIRST, SECOND))]

    assert written(others, 1) == WHOLE


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        WHOLE[:-1],
        WHOLE[:30],
        b"\xd4\xc3\xb2\xa1" + WHOLE[4:],
        WHOLE + struct.pack("<IIII", 1, 10**9, 0, 0),
        WHOLE + struct.pack("<IIII", 1, 1, 1 << 31, 0),
        WHOLE[:24] + struct.pack("<IIII", 0, 0, 0, 0) * 101,
        WHOLE + bytes(BYTES),
    ],
    ids=["nothing", "cut", "cut in a header", "microseconds", "a time that cannot be", "too long", "many", "large"],
)
def test_anything_else_is_refused(raw):
    with pytest.raises(RefusedError):
        read(raw)
