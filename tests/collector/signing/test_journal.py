# SPDX-License-Identifier: Apache-2.0
import errno
import json
import os

import pytest

from giamsat_collector.signing.journal import NAME, Journal
from giamsat_wire import durable


def reopened(folder):
    """What a journal that is opened now reads, how many lines it believes, and how many do not fit."""
    heard = []
    journal = Journal(folder, heard.append)
    journal.close()
    return [said["n"] for said in heard], journal.lines, journal.broken


@pytest.fixture
def folder(tmp_path):
    journal = Journal(tmp_path, lambda said: None)
    for number in range(4):
        journal.add({"n": number, "who": "máy"})
    journal.close()
    return tmp_path


def test_its_name_outlasts_a_power_cut_before_anything_is_written(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(durable, "sync", lambda folder: synced.append((folder, list(tmp_path.iterdir()))))

    Journal(tmp_path, lambda said: None).close()

    assert synced == [(tmp_path, [tmp_path / NAME])]


def test_what_was_written_is_read_again_in_order_and_goes_on(folder):
    journal = Journal(folder, lambda said: None)
    journal.add({"n": 4})
    journal.close()

    assert reopened(folder) == ([0, 1, 2, 3, 4], 5, 0)
    assert (folder / NAME).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (lambda lines: [*lines[:1], lines[1].replace('"n": 1', '"n": 9'), *lines[2:]], 1),
        (lambda lines: [lines[0], *lines[2:]], 1),
        (lambda lines: [lines[1], lines[0], *lines[2:]], 3),
        (lambda lines: [lines[0], json.dumps({"n": 7, "previous": "made up"}) + "\n", *lines[1:]], 2),
        (lambda lines: lines[1:], 1),
    ],
    ids=["changed", "taken out", "put in another order", "put in", "the first taken away"],
)
def test_whatever_is_done_to_a_line_shows(folder, change, broken):
    lines = (folder / NAME).read_text().splitlines(keepends=True)
    (folder / NAME).write_text("".join(change(lines)))

    assert reopened(folder)[2] == broken


def test_a_line_a_power_cut_left_half_written_is_passed_over(folder):
    with (folder / NAME).open("a") as file:
        file.write('{"n": 4, "prev')
    journal = Journal(folder, lambda said: None)
    journal.add({"n": 5})
    journal.close()

    assert reopened(folder) == ([0, 1, 2, 3, 5], 5, 0)


def test_a_line_that_could_not_be_made_durable_is_followed_by_the_next(folder, monkeypatch):
    def fails(_):
        raise OSError(errno.EIO, "Input/output error")

    journal = Journal(folder, lambda said: None)
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fails)
        with pytest.raises(OSError, match="Input/output"):
            journal.add({"n": 4})
    journal.add({"n": 5})
    journal.close()

    assert reopened(folder) == ([0, 1, 2, 3, 4, 5], 6, 0)
    assert journal.lines == 6


@pytest.mark.parametrize(("room", "held"), [(1, [0, 1, 2, 3, 5]), (-2, [0, 1, 2, 3, 5]), (-1, [0, 1, 2, 3, 4, 5])])
def test_a_disk_that_is_full_anywhere_in_a_line_breaks_nothing(folder, monkeypatch, room, held):
    write = os.write
    journal = Journal(folder, lambda said: None)
    with monkeypatch.context() as patch:
        patch.setattr("os.write", lambda file, line: write(file, line[:room]))
        with pytest.raises(OSError, match="full"):
            journal.add({"n": 4})
    journal.add({"n": 5})
    journal.close()

    assert reopened(folder) == (held, len(held), 0)
    assert journal.lines == len(held)
