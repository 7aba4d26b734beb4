# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from giamsat_collector.own_host import Condition, samples

FINE = Condition(1_500_000_000, 2, 3, 1, "/var/lib/giamsat-collector", 40, 100, 60.0)


def test_it_is_judged_by_names_of_its_own_and_by_node_exporters_for_the_disk():
    found = {sample.name: sample.value for sample in samples(FINE)}

    assert found == {
        "giamsat_judging_lag_seconds": 1.5,
        "giamsat_archive_failures_total": 2,
        "giamsat_frames_quarantined_total": 3,
        "giamsat_rules_disabled": 1,
        "giamsat_backup_age_seconds": 60,
        "node_filesystem_avail_bytes": 40,
        "node_filesystem_size_bytes": 100,
    }


def test_how_old_each_list_of_known_evil_is_stands_under_its_name():
    found = {sample.labels: sample.value for sample in samples(replace(FINE, lists={"ncsc": 1.5})) if sample.labels}

    assert found[("list", "ncsc"),] == 1.5


def test_when_a_report_on_an_incident_is_due_or_for_how_long_it_is_late_stands_under_its_number():
    found = list(samples(replace(FINE, due={(7, "full"): 5.0}, overdue={(7, "initial"): 2.0})))

    told = {
        sample.name: (sample.value, dict(sample.labels))
        for sample in found
        if sample.labels and "incident" in sample.name
    }
    assert told == {
        "giamsat_incident_report_due_timestamp_seconds": (5.0, {"incident": "7", "report": "full"}),
        "giamsat_incident_report_overdue_seconds": (2.0, {"incident": "7", "report": "initial"}),
    }


def test_a_disk_that_cannot_be_asked_is_no_full_disk():
    found = {sample.name for sample in samples(Condition(0, 0, 0, 0, "/gone", 0, 0))}

    assert not any(name.startswith("node_filesystem") for name in found)
