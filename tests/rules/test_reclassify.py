# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.load import load_obligations, load_pack, shipped
from giamsat_rules.reclassify import Demand, reclassified


@pytest.fixture
def moved(shipped_rules):
    packs = {folder.name: (load_pack(folder), load_obligations(folder)) for folder in shipped().packs}

    def step(before, after, pack="tcvn11930-2017"):
        ours = Demand(*packs["tcvn11930-2017"], before)
        return reclassified(shipped_rules, ours, Demand(*packs[pack], after))

    return step


def test_from_2_to_3_network_traffic_is_owed_and_records_are_kept_for_three_months(moved):
    found = moved(2, 3)

    assert "monitor.network" in {one.id for one in found.owed}
    assert "log.retention" in {one.obligation.id for one in found.timed}
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


def test_from_one_standard_to_the_other_says_what_comes_and_what_goes_at_the_same_level(moved):
    found = moved(2, 2, "tcvn14423-2026")

    assert {one.id for one in found.owed} == {"remote.device_antivirus", "incident.contact_point"}
    assert {one.id for one in found.released} == {"monitor.security"}
    assert {(one.name, one.before, one.after) for one in found.values} == {
        ("login_failures", 20, 5),
        ("vpn_failures", 10, 5),
    }
    assert (found.timed, found.rules_added, found.kept_after) == ((), (), 30)
