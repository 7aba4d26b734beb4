# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from giamsat_agent.logs.lines import Lines


def all_of(lines, chunks):
    found = []
    for chunk in chunks:
        lines.feed(chunk)
        while (line := lines.take()) is not None:
            found.append(line)
    return found


@given(st.lists(st.binary(max_size=30).map(lambda text: text.replace(b"x", b"\n"))), st.integers(1, 8))
def test_lines_do_not_depend_on_how_the_bytes_came(chunks, most):
    stream = b"".join(chunks)
    lines = Lines(most=most)

    found = all_of(lines, chunks)

    whole = stream.split(b"\n")[:-1]
    assert [line.content for line in found] == [line[:most] for line in whole]
    assert lines.offset == stream.rfind(b"\n") + 1
    assert all(stream[line.start : line.end].rstrip(b"\n").startswith(line.content.rstrip(b"\n")) for line in found)


def test_a_line_without_an_end_keeps_no_more_than_its_bound():
    lines = Lines(most=10)

    found = all_of(lines, [b"a" * 1_000] * 1_000 + [b"\nb\n"])

    assert [(line.start, line.end, line.content) for line in found] == [
        (0, 1_000_001, b"a" * 10),
        (1_000_001, 1_000_003, b"b"),
    ]


def test_the_offset_counts_from_where_the_stream_was_entered():
    lines = Lines(most=10, offset=100)

    assert [(line.start, line.end) for line in all_of(lines, [b"ab\ncd"])] == [(100, 103)]
    assert lines.rest().content == b"cd"
    assert lines.offset == 105
    assert lines.rest() is None


@given(st.lists(st.binary(max_size=9).map(lambda text: text.replace(b"x", b"\n\0"))), st.sampled_from([2, 4, 6]))
def test_a_newline_of_two_bytes_ends_a_line_only_where_a_character_begins(chunks, most):
    stream = b"".join(chunks)
    lines = Lines(most=most, newline=b"\n\0")

    found = all_of(lines, chunks)

    pairs = [stream[at : at + 2] for at in range(0, len(stream) - 1, 2)]
    ends = [at * 2 for at, pair in enumerate(pairs) if pair == b"\n\0"]
    starts = [0, *(end + 2 for end in ends)]
    whole = [stream[start:end] for start, end in zip(starts, ends, strict=False)]
    assume(
        not lines.shifts
    )  # of a line that is too long, and ends between two bytes of a character, another test tells
    assert [line.content for line in found] == [line[:most] for line in whole]
    assert lines.offset == starts[-1]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_lines_go_on_at_the_newline_that_an_odd_number_of_bytes_shifted(codec):
    lines = Lines(most=4_000, newline="\n".encode(codec))
    stream = "one\n".encode(codec) + b"appended\n" + "two\nthree\n".encode(codec)

    whole = all_of(lines, [stream])
    shifted = lines.shift()
    after = all_of(lines, ["four\n".encode(codec)])

    assert [line.content.decode(codec) for line in (*whole, *after)] == ["one", "three", "four"]
    assert (shifted.start, shifted.end, lines.shifts, lines.shift()) == (8, 25, 1, None)
    assert lines.offset == len(stream) + 10


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_characters_that_look_like_a_newline_between_them_do_not_shift_what_follows(codec):
    lines = Lines(most=4_000, newline="\n".encode(codec))
    text = "a\u0a00\u4e00bc" if codec == "utf-16-le" else "a\u4e00\u0a00bc"

    whole = all_of(lines, [f"{text} ".encode(codec)])

    assert (whole, lines.shift()) == ([], None)
    assert [line.content.decode(codec) for line in all_of(lines, ["d\n".encode(codec)])] == [f"{text} d"]
    assert lines.shifts == 0


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_shifted_lines_that_come_in_a_flood_are_not_dropped_as_one(codec):
    lines = Lines(most=100, newline="\n".encode(codec))

    found = all_of(lines, [b"odd" + ("ab\n" * 1_000).encode(codec)])

    assert [line.content.decode(codec) for line in found[1:]] == ["ab"] * 999
    assert lines.shifts == 1
