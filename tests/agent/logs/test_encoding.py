# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.logs import encoding


@pytest.mark.parametrize(
    ("beginning", "name"),
    [
        (b"\xff\xfea\0", "utf-16-le"), (b"\xfe\xff\0a", "utf-16-be"), (b"ab", ""), (b"a\n", ""), (b"\xff\xff", ""),
        (b"2\x000\0", "utf-16-le"), (b"\x002\x000", "utf-16-be"), (b"a\0bc", ""), (b"\0ab", ""), (b"\0\0\0\0", ""),
        (b"\xef\xbb\xbfa", ""),
    ],
)  # fmt: skip
def test_the_mark_tells_how_a_file_is_written(beginning, name):
    assert encoding.of(beginning).name == name


@pytest.mark.parametrize("beginning", [b"", b"\xff", b"\xfe", b"a", b"a\0", b"a\0b", b"\0", b"\0a", b"\0a\0"])
def test_half_a_mark_or_half_a_letter_tells_nothing_yet(beginning):
    assert encoding.of(beginning) is None


@pytest.mark.parametrize(("beginning", "newline"), [(b"2\x000\0", b"\n\0"), (b"\x002\x000", b"\0\n")])
def test_what_has_no_mark_is_read_from_its_first_byte_on(beginning, newline):
    told = encoding.of(beginning)

    assert (told.mark, told.newline) == (b"", newline)


def test_a_line_is_carried_in_utf_8_within_its_bound_and_bad_bytes_are_shown():
    little = encoding.of(b"\xff\xfe")

    assert little.carried("đăng nhập".encode("utf-16-le"), most=100) == "đăng nhập".encode()
    assert little.carried("đđđ".encode("utf-16-le"), most=4) == "đđ".encode()
    assert little.carried(b"a\0\x00\xd8", most=100) == rb"a\x00\xd8"
    assert little.carried(b"a\0b", most=100) == rb"a\x62"
    assert encoding.BYTES.carried(b"\xff", most=100) == b"\xff"
