# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.expose.discovery import Target, groups


def test_a_host_is_a_target_of_its_own_with_unit_system_and_level():
    (group,) = groups([Target("id-1", "srv-1", "40.412", "HT-007", 3)], "collector:8443")

    assert group["targets"] == ["collector:8443"]
    assert group["labels"] == {
        "__scheme__": "https",
        "__metrics_path__": "/metrics/hosts/id-1",
        "job": "giamsat-node",
        "instance": "srv-1",
        "agent_id": "id-1",
        "unit": "40.412",
        "system": "HT-007",
        "level": "3",
    }


def test_a_host_without_a_system_is_shown_as_unclassified_not_as_low():
    (group,) = groups([Target("id-1", "", "40.412", None, None)], "c:1")

    assert group["labels"]["level"] == "unclassified"
    assert group["labels"]["instance"] == "id-1"
