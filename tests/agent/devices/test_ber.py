# SPDX-License-Identifier: Apache-2.0
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.devices.ber import BerError, Element, element, elements, identifier, number


@pytest.mark.parametrize(
    ("data", "tag", "content", "end"),
    [
        (b"\x02\x01\x05", 2, b"\x05", 3),
        (b"\x04\x81\x02abrest", 4, b"ab", 5),
        (b"\x04\x82\x00\x01a", 4, b"a", 5),
        (b"\x05\x00", 5, b"", 2),
    ],
)
def test_a_value_has_a_tag_a_length_and_a_content(data, tag, content, end):
    assert element(data) == Element(tag, content, end)


@pytest.mark.parametrize(
    "data", [b"", b"\x02", b"\x02\x05\x01", b"\x04\x80ab", b"\x04\x85\0\0\0\0\1a", b"\x04\x84\xff"]
)
def test_a_value_that_claims_more_than_is_there_is_refused(data):
    with pytest.raises(BerError, match="byte 0"):
        element(data)


@pytest.mark.parametrize(
    ("tag", "content", "expected"),
    [(2, b"\x7f", 127), (2, b"\xff", -1), (0x41, b"\xff", 255), (0x46, b"\x00" + b"\xff" * 8, (1 << 64) - 1)],
)
def test_numbers_have_a_sign_where_their_kind_has(tag, content, expected):
    assert number(Element(tag, content, 0)) == expected


@pytest.mark.parametrize("found", [Element(4, b"1", 0), Element(2, b"", 0), Element(2, b"1" * 10, 0)])
def test_what_is_no_number_is_refused(found):
    with pytest.raises(BerError, match="no number"):
        number(found)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x2b\x06\x01\x02\x01", ".1.3.6.1.2.1"),
        (b"\x2b\x8f\xff\xff\xff\x7f", ".1.3.4294967295"),
        (b"\x88\x37\x03", ".2.999.3"),
    ],
)
def test_an_identifier_is_read_as_people_write_it(content, expected):
    assert identifier(Element(6, content, 0)) == expected


@pytest.mark.parametrize("content", [b"", b"\x2b\x86", b"\x2b" + b"\xff" * 6 + b"\x01", b"\x2b" * 200])
def test_an_identifier_that_is_none_is_refused(content):
    with pytest.raises(BerError, match="object identifier"):
        identifier(Element(6, content, 0))


@given(st.binary(max_size=300))
def test_any_bytes_end_soon_with_values_or_a_refusal(data):
    with contextlib.suppress(BerError):
        assert sum(1 for _ in elements(data)) <= len(data)
