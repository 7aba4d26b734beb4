# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.load import load_obligations, shipped
from giamsat_rules.reclassify import reclassified


@pytest.fixture
def moved(shipped_rules, shipped_pack):
    obligations = load_obligations(shipped().pack)
    return lambda before, after: reclassified(shipped_rules, shipped_pack, obligations, before, after)


def test_from_2_to_3_network_traffic_is_owed_and_records_are_kept_for_three_months(moved):
    found = moved(2, 3)

    assert "monitor.network" in {one.id for one in found.owed}
    assert "log.retention" in {one.id for one in found.timed}
    assert (found.kept_before, found.kept_after) == (30, 90)
    assert "scheduled_job_changed" in found.rules_added
    (failed,) = [value for value in found.values if value.name == "ssh_failed_logins"]
    assert (failed.unit, failed.before, failed.after) == ("logins", 10, 8)


def test_the_way_back_is_the_same_read_backwards(moved):
    there, back = moved(2, 4), moved(4, 2)

    assert (there.owed, there.released) == (back.released, back.owed)
    assert (there.rules_added, there.rules_removed) == (back.rules_removed, back.rules_added)
    assert {(one.name, one.before, one.after) for one in there.values} == {
        (one.name, one.after, one.before) for one in back.values
    }


def test_where_nothing_changes_nothing_is_said(moved):
    found = moved(3, 3)

    assert (found.owed, found.released, found.timed, found.rules_added, found.values) == ((), (), (), (), ())
