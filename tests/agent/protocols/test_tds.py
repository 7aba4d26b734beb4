# SPDX-License-Identifier: Apache-2.0
import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.protocols import tds
from giamsat_agent.protocols.tds import Refusal, TdsError


def test_a_long_message_is_cut_into_packets_of_which_the_last_says_so():
    said = tds.packets(tds.LOGIN, b"x" * (2 * tds.PACKET_BYTES))
    states, at = [], 0
    while at < len(said):
        kind, state, length = struct.unpack_from("!BBH", said, at)
        assert kind == tds.LOGIN
        states.append(state)
        at += length

    assert states == [0, 0, tds.LAST]
    assert tds.packets(tds.BATCH, b"")[:4] == b"\x01\x01\x00\x08"


def test_every_part_of_a_login_stands_where_its_head_says():
    said = tds.login("người", "abc", "hồ sơ")
    places = [struct.unpack_from("<HH", said, 36 + 4 * part) for part in range(9)]
    texts = [said[at : at + 2 * count].decode("utf-16-le") for at, count in places]

    assert struct.unpack_from("<I", said)[0] == len(said)
    assert (texts[1], texts[8]) == ("người", "hồ sơ")
    # MS-TDS, 2.2.6.4: halves of each byte changed about, then XOR 0xA5.
    assert said[places[2][0] : places[2][0] + 6] == bytes([0xB3, 0xA5, 0x83, 0xA5, 0x93, 0xA5])


def test_an_answer_is_read_up_to_its_rows():
    error = struct.pack("<iBBH", 4060, 1, 11, 2) + "no".encode("utf-16-le") + bytes(6)
    said = b"\xaa" + struct.pack("<H", len(error)) + error + b"\xfd" + bytes(12) + b"\x81" + b"anything"

    assert list(tds.answers(said)) == [Refusal(4060, "no"), 0xFD, tds.COLUMNS]


@pytest.mark.parametrize("said", [b"\x00", b"\xaa", b"\xaa\x01", b"\xaa\x02\x00\x01\x02"])
def test_what_is_no_answer_is_refused(said):
    with pytest.raises(TdsError):
        list(tds.answers(said))


@given(st.binary(max_size=200))
def test_any_bytes_end_soon_with_tokens_or_a_refusal(said):
    for read in (lambda: list(tds.answers(said)), lambda: tds.parse_prelogin(said)):
        with contextlib.suppress(TdsError):
            read()
