# SPDX-License-Identifier: Apache-2.0
import itertools
import os
import shutil
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giamsat_agent.log import LINE_BYTES
from giamsat_agent.logs.tail import READ_BYTES, Tail


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "auth.log"
    file.write_bytes(b"")
    return file


@pytest.fixture
def tail(path):
    following = Tail(path)
    yield following
    following.close()


def append(path, *lines):
    with path.open("ab") as file:
        file.write(b"".join(line + b"\n" for line in lines))


def taken(tail):
    return [line.content for _, line in tail.read()]


def restarted(path, position):
    again = Tail(path)
    again.resume(position)
    return again


def test_lines_come_once_and_in_order(path, tail):
    append(path, b"a", b"b")

    assert taken(tail) == [b"a", b"b"]
    append(path, b"c")
    assert taken(tail) == [b"c"]
    assert taken(tail) == []


def test_a_line_is_taken_when_it_is_whole(path, tail):
    with path.open("ab", buffering=0) as file:
        file.write(b"par")
        assert taken(tail) == []
        file.write(b"tial\n")

    assert taken(tail) == [b"partial"]


def test_beginning_at_the_end_begins_at_a_whole_line(path, tail):
    append(path, b"old")
    with path.open("ab", buffering=0) as file:
        file.write(b"ha")
        tail.begin_at_end()
        file.write(b"lf\n")

    assert taken(tail) == [b"half"]


def test_a_file_moved_away_is_read_to_its_end(path, tail):
    append(path, b"a")
    assert taken(tail) == [b"a"]
    moved = path.rename(path.with_name("auth.log.1"))
    path.write_bytes(b"")
    append(moved, b"late")
    assert taken(tail) == [b"late"]
    append(moved, b"later")
    append(path, b"new")

    assert taken(tail) == [b"later", b"new"]


def test_the_last_line_of_a_file_moved_away_needs_no_end(path, tail):
    path.write_bytes(b"a\nlast")
    assert taken(tail) == [b"a"]
    path.rename(path.with_name("auth.log.1"))
    append(path, b"new")

    assert taken(tail) == [b"last", b"new"]


def test_two_rotations_between_two_readings_lose_nothing(path, tail):
    append(path, b"a")
    assert taken(tail) == [b"a"]
    append(path, b"b")
    path.rename(path.with_name("auth.log.2"))
    append(path, b"c")
    path.rename(path.with_name("auth.log.1"))
    append(path, b"d")
    for age, name in enumerate(("auth.log", "auth.log.1", "auth.log.2")):
        os.utime(path.with_name(name), ns=(0, 10_000 - age))

    assert taken(tail) == [b"b", b"c", b"d"]


def test_a_truncated_file_is_read_from_its_start(path, tail):
    append(path, b"a", b"b")
    assert taken(tail) == [b"a", b"b"]
    path.write_bytes(b"")
    append(path, b"c")

    assert taken(tail) == [b"c"]


def test_a_truncated_file_that_grew_past_the_old_place_is_known_by_its_beginning(path, tail):
    append(path, b"a")
    assert taken(tail) == [b"a"]
    path.write_bytes(b"something longer\n")

    assert taken(tail) == [b"something longer"]


def test_what_copytruncate_copied_before_it_was_read_is_read_from_the_copy(path, tail):
    append(path, b"a")
    assert taken(tail) == [b"a"]
    append(path, b"unread")
    shutil.copy(path, path.with_name("auth.log.1"))
    path.write_bytes(b"")
    append(path, b"new")

    assert taken(tail) == [b"unread", b"new"]


def test_a_restart_goes_on_after_the_last_line(path, tail):
    append(path, b"a")
    assert taken(tail) == [b"a"]
    append(path, b"b")

    assert taken(restarted(path, tail.position())) == [b"b"]


def test_a_restart_after_a_rotation_reads_the_rest_of_the_old_file(path, tail, monkeypatch):
    append(path, b"a")
    assert taken(tail) == [b"a"]
    append(path, b"b")
    path.rename(path.with_name("auth.log-20240301"))
    append(path, b"c")
    gone = SimpleNamespace(name="auth.log.1", is_file=lambda: True, stat=path.with_name("auth.log.1").stat)
    beside = [gone, *os.scandir(path.parent)]
    monkeypatch.setattr(os, "scandir", lambda _: nullcontext(beside))  # one was compressed while it was looked at

    assert taken(restarted(path, tail.position())) == [b"b", b"c"]


def test_a_restart_that_finds_another_file_under_the_inode_reads_it_from_its_start(path, tail):
    append(path, b"a")
    assert taken(tail) == [b"a"]
    path.write_bytes(b"quite another log\n")

    assert taken(restarted(path, tail.position())) == [b"quite another log"]


def test_a_line_longer_than_the_bound_is_cut(path, tail):
    append(path, b"x" * (LINE_BYTES * 3), b"next")

    assert [len(line) for line in taken(tail)] == [LINE_BYTES, 4]


def test_a_reading_is_bounded_and_the_rest_comes_with_the_next(path, tail):
    append(path, *[b"y" * 99] * (READ_BYTES // 50))

    first, second, third = taken(tail), taken(tail), taken(tail)

    assert len(first) <= READ_BYTES // 100 + 1_000
    assert len(first) + len(second) + len(third) == READ_BYTES // 50


def test_what_the_reader_did_not_take_is_kept(path, tail):
    append(path, b"a", b"b", b"c")

    first = [line.content for _, line in itertools.islice(tail.read(), 1)]
    position = tail.position()

    assert (first, position.offset) == ([b"a"], 2)
    assert taken(tail) == [b"b", b"c"]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_a_file_of_utf_16_is_followed_byte_by_byte_through_rotation_and_restart(path, tail, codec):
    """Also where a character holds the byte of a newline, and where a reading ends inside a character."""
    words = ["một", "hai ਊ\u0a00\u0a0a", "ba \U0001f600", "bốn"]
    stream = b"".join(f"{word}\n".encode(codec) for word in ("\ufeff" + words[0], *words[1:3]))
    found = []
    with path.open("ab", buffering=0) as file:
        for at in range(len(stream)):
            file.write(stream[at : at + 1])
            found += taken(tail)
    position = tail.position()
    path.rename(path.with_name("auth.log.1"))
    with path.with_name("auth.log.1").open("ab") as file:
        file.write("sau\n".encode(codec))
    path.write_bytes(f"\ufeff{words[3]}\n".encode(codec))
    later, again = taken(tail), taken(restarted(path, position))

    assert found == [word.encode() for word in words[:3]]
    assert position.offset == len(stream)
    assert later == again == [b"sau", words[3].encode()]


def test_a_file_of_utf_16_is_entered_after_its_last_line(path):
    path.write_bytes("\ufeffmột\nhai".encode("utf-16-le"))
    begun = Tail(path)
    begun.begin_at_end()
    with path.open("ab") as file:
        file.write(" ba\n".encode("utf-16-le"))

    assert taken(begun) == [b"hai ba"]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_a_line_of_8_bits_in_a_file_of_utf_16_spoils_no_more_than_the_next(path, tail, codec):
    """Also for who begins after it, or goes on after it, and after a second one."""

    def write(content):
        with path.open("ab") as file:
            file.write(content)

    path.write_bytes("\ufeffmột\n".encode(codec))
    first = taken(tail)
    write(b"appended\n" + "hai\nba\n".encode(codec))
    second = taken(tail)
    position, begun = tail.position(), Tail(path)
    begun.begin_at_end()
    write("bốn\n".encode(codec))
    later = [taken(tail), taken(begun), taken(restarted(path, position))]
    write(b"again!\n" + "năm\nsáu\n".encode(codec))

    assert (first, second[1:], later) == (["một".encode()], [b"ba"], [["bốn".encode()]] * 3)
    assert taken(tail)[1:] == ["sáu".encode()]
    assert tail.shifts == 2


def test_a_line_of_utf_16_without_an_end_keeps_no_more_than_its_bound(path, tail):
    path.write_bytes("\ufeff".encode("utf-16-le") + ("ă" * LINE_BYTES * 40 + "\nb\n").encode("utf-16-le"))

    assert [len(line) for line in taken(tail)] == [LINE_BYTES, 1]


def test_a_file_that_is_missing_is_said_to_be(tmp_path):
    with pytest.raises(FileNotFoundError):
        taken(Tail(tmp_path / "nothing"))


def test_a_fifo_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "fifo")

    with pytest.raises(OSError, match="not a regular file"):
        taken(Tail(tmp_path / "fifo"))


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["write", "half", "read", "rotate", "copytruncate", "restart"]), max_size=25))
def test_whatever_happens_to_the_file_every_line_comes_once(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("log") / "auth.log"
    path.write_bytes(b"")
    tail, found, written, rotations, position = Tail(path), [], 0, 0, None
    for step in [*steps, "write", "read", "write", "read"]:
        if step == "write":
            append(path, b"line %d" % written)
            written += 1
        elif step == "half":
            with path.open("ab") as file:
                file.write(b"line %d" % written)
            found += taken(tail)
            append(path, b"")
            written += 1
        elif step == "read":
            found += taken(tail)
        elif step == "restart":
            position = tail.position() or position
            tail.close()
            tail = Tail(path) if position is None else restarted(path, position)
        elif path.stat().st_size:
            rotations += 1
            rotated = path.with_name(f"auth.log.{rotations}")
            found += taken(tail)  # what is truncated before it was ever read by anyone is nobody's to keep
            if step == "rotate":
                path.rename(rotated)
                path.write_bytes(b"")
            else:
                shutil.copy(path, rotated)
                path.write_bytes(b"")
                found += taken(tail)
    tail.close()

    assert found == [b"line %d" % number for number in range(written)]
