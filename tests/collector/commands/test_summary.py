# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.commands.summary import told

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def value(**found):
    (line,) = told(found, ZONE)
    return line.split("  ")[-1].strip()


def test_agents_are_told_by_what_they_do_and_none_with_the_next_step():
    assert value(agents={"stopped": 1, "live": 2}) == "2 đang báo cáo / live, 1 đã dừng / stopped"
    assert "none yet: giamsat-collector enrol issue" in value(agents={})


def test_the_last_backup_has_its_time_here_and_in_utc_and_none_the_next_step():
    assert value(last_backup="2026-11-29T11:00:11.000Z") == "29/11/2026 18:00:11 (11:00:11 UTC)"
    assert "none yet: giamsat-collector backup make" in value(last_backup=None)


def test_the_database_is_told_in_megabytes():
    assert value(database_size_bytes=2_500_000_000) == "2,500.0 MB"
    assert value(database_free_bytes=0) == "0.0 MB"


def test_rules_that_are_off_are_named_with_the_reason():
    assert value(rules_disabled={}) == "không / none"
    assert value(rules_disabled={"b": "slow", "a": "raised"}) == "a: raised; b: slow"


def test_what_has_no_name_for_people_is_told_all_the_same():
    assert next(iter(told({"new_figure": 3}, ZONE))).split() == ["new_figure", "3"]
