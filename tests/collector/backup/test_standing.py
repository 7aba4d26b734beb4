# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.backup.standing import FILE, Standing

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
