# SPDX-License-Identifier: Apache-2.0
import json
from dataclasses import replace

from giamsat_collector.alerts.alert import GroupCount
from giamsat_collector.alerts.grouping import opened
from giamsat_collector.alerts.shape import as_full_json, as_json, main_source
from support.verdicts import PLACEMENT, verdict


def test_the_source_that_brought_most_stands_in_the_short_form():
    alert = opened(verdict(), PLACEMENT, 1)
    groups = (GroupCount({"source.ip": "192.0.2.1"}, 2, 0, 0), GroupCount({"source.ip": "2001:db8::1"}, 9, 0, 0))

    assert main_source(replace(alert, groups=groups)) == "2001:db8::1"


def test_without_groups_the_first_evidence_names_the_source():
    alert = opened(verdict(group={}, evidence=({"x": 1}, {"source.ip": "192.0.2.5"})), PLACEMENT, 1)

    assert main_source(alert) == "192.0.2.5"


def test_an_alert_without_a_source_says_so():
    assert as_json(opened(verdict(group={}, evidence=()), PLACEMENT, 1))["source"] == {"ip": None}


def test_both_forms_are_json():
    alert = opened(verdict(), PLACEMENT, 1)

    assert json.loads(json.dumps(as_full_json(alert, [])))["id"] == as_json(alert)["id"]
