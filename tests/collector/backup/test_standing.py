# SPDX-License-Identifier: Apache-2.0
import os

import pytest

from giamsat_collector.backup.standing import FILE, Standing, taken_at_rest

SECOND = 10**9


def test_before_the_first_backup_time_counts_from_when_there_was_data(tmp_path):
    Standing(tmp_path, 100 * SECOND)
    after_a_restart = Standing(tmp_path, 500 * SECOND)

    assert (after_a_restart.last_ns, after_a_restart.age_s(700 * SECOND)) == (None, 600)


def test_it_outlives_the_collector_when_the_last_one_was_taken(tmp_path):
    Standing(tmp_path, 100 * SECOND).taken(300 * SECOND)
    after_a_restart = Standing(tmp_path, 500 * SECOND)

    assert (after_a_restart.last_ns, after_a_restart.age_s(700 * SECOND)) == (300 * SECOND, 400)
    assert after_a_restart.age_s(0) == 0  # a clock that was set back


@pytest.mark.parametrize("said", ["", "[]", "{}", '{"since_ns": 1, "last_ns": "x"}', '{"since_ns": 1e999}', "\xff"])
def test_a_file_that_was_damaged_stops_nothing(tmp_path, said):
    (tmp_path / FILE).write_text(said)

    assert Standing(tmp_path, 100 * SECOND).age_s(130 * SECOND) == 30


@pytest.mark.root
def test_one_that_was_taken_while_no_collector_ran_is_known_to_the_next_one_in_a_file_of_its_own(tmp_path):
    os.chown(tmp_path, 12_345, 23_456)

    taken_at_rest(tmp_path, 300 * SECOND)

    assert Standing(tmp_path, 500 * SECOND).last_ns == 300 * SECOND
    assert ((tmp_path / FILE).stat().st_uid, (tmp_path / FILE).stat().st_gid) == (12_345, 23_456)


def test_a_file_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / f".{FILE}.new").mkdir()  # in the place of what is written first

    standing = Standing(tmp_path, 100 * SECOND)
    standing.taken(300 * SECOND)

    assert (standing.last_ns, standing.age_s(400 * SECOND)) == (300 * SECOND, 100)
    assert not (tmp_path / FILE).exists()
