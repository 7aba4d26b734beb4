# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.logs import encoding


@pytest.mark.parametrize(
    ("beginning", "name"),
    [
        (b"\xff\xfea\0", "utf-16-le"), (b"\xfe\xff\0a", "utf-16-be"), (b"ab", ""), (b"a", ""), (b"\xff\xff", ""),
        (b"\xef\xbb\xbfa", ""),
    ],
)  # fmt: skip
def test_the_mark_tells_how_a_file_is_written(beginning, name):
    assert encoding.of(beginning).name == name


@pytest.mark.parametrize("beginning", [b"", b"\xff", b"\xfe"])
def test_half_a_mark_tells_nothing_yet(beginning):
    assert encoding.of(beginning) is None


def test_a_line_is_carried_in_utf_8_within_its_bound_and_bad_bytes_are_shown():
    little = encoding.of(b"\xff\xfe")

    assert little.carried("đăng nhập".encode("utf-16-le"), most=100) == "đăng nhập".encode()
    assert little.carried("đđđ".encode("utf-16-le"), most=4) == "đđ".encode()
    assert little.carried(b"a\0\x00\xd8", most=100) == rb"a\x00\xd8"
    assert little.carried(b"a\0b", most=100) == rb"a\x62"
    assert encoding.BYTES.carried(b"\xff", most=100) == b"\xff"
