# SPDX-License-Identifier: Apache-2.0
from datetime import date

import pytest

from giamsat_collector.archive.folder import Archive, received_on
from giamsat_collector.errors import StoreError
from giamsat_wire import durable
from support.stored import DAY_NS, NOON_NS, stored


def ids(archive, since=0, until=NOON_NS + 10 * DAY_NS):
    return [frame.id for frame in archive.frames(since, until)]


def test_each_level_and_day_has_a_file_and_all_are_read_as_one(tmp_path):
    archive = Archive(tmp_path)
    archive.append(3, [stored(1), stored(4, received_ns=NOON_NS + DAY_NS)])
    archive.append(1, [stored(2), stored(3)])

    assert [(day.level, day.date.day) for day in archive.days()] == [(1, 15), (3, 15), (3, 16)]
    assert ids(archive) == [1, 2, 3, 4]
    assert ids(archive, NOON_NS + 1) == [4]
    assert archive.oldest() == {1: NOON_NS, 3: NOON_NS}


def test_a_collector_that_starts_anew_adds_nothing_twice(tmp_path):
    Archive(tmp_path).append(3, [stored(1), stored(2)])

    Archive(tmp_path).append(3, [stored(1), stored(2), stored(3)])

    assert ids(Archive(tmp_path)) == [1, 2, 3]


def test_a_frame_whose_level_changed_on_the_way_is_read_once(tmp_path):
    archive = Archive(tmp_path)
    archive.append(3, [stored(1), stored(2)])
    archive.append(4, [stored(2)])

    assert ids(archive) == [1, 2]


def test_what_is_forgotten_is_gone_and_what_does_not_belong_there_is_let_be(tmp_path):
    archive = Archive(tmp_path)
    archive.append(3, [stored(1), stored(2, received_ns=NOON_NS + DAY_NS)])
    for name in ("level-3/notes.frames", "level-9/2027-01-15.frames"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")

    archive.forget(archive.days()[:1])

    assert [day.date for day in archive.days()] == [date(2027, 1, 16)]
    assert ids(archive) == [2]


def test_a_name_that_the_disk_did_not_make_durable_is_made_so_next_time(tmp_path, monkeypatch):
    synced, refusals = [], iter([OSError(5, "Input/output error")])

    def sync(folder):
        for refusal in refusals:
            raise refusal
        synced.append(folder)

    monkeypatch.setattr(durable, "sync", sync)
    archive = Archive(tmp_path / "archive")
    with pytest.raises(StoreError, match="Input/output error"):
        archive.append(3, [stored(1)])

    archive.append(3, [stored(1)])

    assert synced == [tmp_path / "archive" / "level-3", tmp_path / "archive", tmp_path]
    assert ids(archive) == [1]


def test_a_folder_that_cannot_be_written_is_said_with_what_to_do(tmp_path):
    (tmp_path / "level-3").write_text("in the way")

    with pytest.raises(StoreError, match=r"level-3.*free space"):
        Archive(tmp_path).append(3, [stored(1)])


def test_days_are_those_of_utc():
    assert received_on(NOON_NS) == date(2027, 1, 15)
