# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.logs.file_position import HEAD_BYTES, FilePosition, fingerprint, from_mapping, to_mapping


@given(st.integers(0), st.integers(0), st.integers(0, HEAD_BYTES), st.integers(0))
def test_a_position_comes_back_out_of_a_cursor(dev, ino, head, offset):
    position = FilePosition(dev, ino, head, fingerprint(b""), offset)

    assert from_mapping(to_mapping(position)) == position


@pytest.mark.parametrize(
    "value",
    [None, {}, 7, {"dev": "x"}, {"dev": 1, "ino": 1, "head": HEAD_BYTES + 1, "sha256": "", "offset": 0}],
)
def test_what_is_no_position_is_none(value):
    assert from_mapping(value) is None


def test_a_file_is_the_same_while_its_beginning_and_everything_read_stand():
    position = FilePosition(1, 2, 3, fingerprint(b"abc"), 10)

    assert position.of_same_content(b"abcdef", 10)
    assert not position.of_same_content(b"abXdef", 10)
    assert not position.of_same_content(b"abcdef", 9)
