# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.payloads.byte_reader import Forward, ShortError


def test_bytes_are_read_one_after_the_other_and_never_past_the_end():
    data = Forward(b"\x01\0\x02ab\0\0\0c")

    assert (data.number(1), data.vector(2)) == (1, b"ab")
    data.pass_over(b"\0")
    assert (data.take(1), data.left) == (b"c", 0)
    with pytest.raises(ShortError):
        data.take(1)
    with pytest.raises(ShortError):
        Forward(b"\x05ab").vector(1)
