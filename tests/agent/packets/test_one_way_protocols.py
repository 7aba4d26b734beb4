# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from giamsat_agent.packets.one_way_protocols import counted, is_record, is_rtp, is_television


def column(begins):
    return np.frombuffer(begins, "<u4")


@pytest.mark.parametrize(
    ("begins", "length", "expected"),
    [
        (b"\x80\x60\0\1", 172, "rtp"),
        (b"\x90\xe0\0\1", 172, "rtp"),
        (b"\x80\xc8\0\6", 28, ""),
        (b"<134", 90, "record"),
        (b"<1>x", 9, "record"),
        (b"<13x", 90, ""),
        (b"<>12", 90, ""),
        (b"\x47\1\0\x17", 7 * 188, "television"),
        (b"\x47\1\0\x17", 7 * 188 + 1, ""),
        (b"GET ", 188, "television"),
        (b"\x47\0\0\0", 188, ""),
        (b"\0\5\0\x1e", 24 + 30 * 48, "record"),
        (b"\0\5\0\x1f", 24 + 31 * 48, ""),
        (b"\0\5\0\1", 24, ""),
        (b"\0\x09\0\1", 60, "record"),
        (b"\0\x0a\4\0", 1_024, "record"),
        (b"\0\x0a\4\0", 1_023, ""),
        (b"\0\0\0\5", 144, "record"),
        (b"XXXX", 188, ""),
        (b"\0\0\0\0", 0, ""),
    ],
)
def test_what_datagrams_are_shows_at_their_beginning_and_by_their_length(begins, length, expected):
    opening, payload = column(begins), np.array([length])
    forms = {
        "rtp": is_rtp(opening),
        "television": is_television(opening, payload),
        "record": is_record(opening, payload),
    }

    assert [name for name, found in forms.items() if found.all()] == ([expected] if expected else [])


def test_what_is_counted_up_is_read_in_the_order_of_the_wire():
    assert counted(column(b"\x80\x60\x12\x34\x47\1\0\x17")).tolist() == [0x1234, 0x17]
