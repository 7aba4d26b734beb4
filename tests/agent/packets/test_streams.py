# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from giamsat_agent.packets.streams import is_streamed


@pytest.mark.parametrize(
    ("begins", "expected"),
    [
        (b"\x80\x60\0\1", True),
        (b"\x90\xe0\0\1", True),
        (b"\x80\xc8\0\6", False),
        (b"<134", True),
        (b"\x47\0\0\0", True),
        (b"\0\x05\0\x1e", True),
        (b"\0\x0a\x04\0", True),
        (b"\0\0\0\5", True),
        (b"XXXX", False),
        (b"\0\0\0\0", False),
    ],
    ids=["RTP", "marked RTP", "RTCP", "syslog", "MPEG-TS", "NetFlow 5", "IPFIX", "sFlow", "letters", "nothing"],
)
def test_what_datagrams_are_shows_at_their_beginning(begins, expected):
    assert is_streamed(np.frombuffer(begins, "<u4")).tolist() == [expected]
