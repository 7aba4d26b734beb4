# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.packets.payloads.quic import Keys, initial
from giamsat_agent.packets.payloads.quic_version import VERSIONS
from support.quic import datagrams

HELLO = b"\x01\0\x07\xd0" + bytes(range(250)) * 8


def test_the_keys_are_those_of_the_standards_example():
    keys = Keys(VERSIONS[1], bytes.fromhex("8394c8f03e515708"))  # RFC 9001, appendix A.1

    assert keys.key.hex() == "1f369613dd76d5467730efcbe3b1a22d"
    assert keys.vector.hex() == "fa044b2f42a3fd3b46fb255c"
    assert keys.header.hex() == "9f50449e04a0e810283a1e9933adedd2"


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_client_says_first_is_read_with_its_place(version):
    opened = [initial(one) for one in datagrams(HELLO, version=version)]

    assert {one.identifier for one in opened} == {bytes(range(8))}
    assert [offset for one in opened for offset, _ in one.pieces] == [0, 900, 1_800]
    assert b"".join(piece for one in opened for _, piece in one.pieces) == HELLO


def test_what_was_changed_or_cut_is_none():
    (whole,) = datagrams(HELLO[:500])

    assert initial(whole) is not None
    assert initial(whole[:700]) is None
    assert initial(whole[:400] + bytes([whole[400] ^ 1]) + whole[401:]) is None


@given(st.binary(max_size=80), st.sampled_from([b"\xc0\0\0\0\1", b"\xd0\x6b\x33\x43\xcf", b""]))
def test_any_bytes_are_taken(content, begins):
    assert initial(begins + content) is None
