# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.protocols.dns_message import question, understand

ASKED = question("dvc.example.", "SOA", 0x1234)
HEAD = b"\x12\x34\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00"


def test_a_question_is_as_rfc_1035_has_it():
    assert ASKED == b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03dvc\x07example\x00\x00\x06\x00\x01"


def test_the_serial_of_a_zone_is_read_behind_compressed_names():
    data = b"\x02ns\xc0\x0c\x04root\xc0\x0c" + (2026112901).to_bytes(4, "big") + bytes(16)
    record = b"\xc0\x0c\x00\x06\x00\x01\x00\x00\x00\x05" + len(data).to_bytes(2, "big") + data

    found = understand(HEAD + ASKED[12:] + record, ASKED)

    assert (found.code, found.serial, found.values) == ("NOERROR", 2026112901, ("ns.dvc.example.",))


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data):
    understand(data, ASKED)
    understand(HEAD + ASKED[12:] + data, ASKED)
