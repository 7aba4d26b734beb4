# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from giamsat_agent.parsers.windows_json import values

NAMES = {"EventID": "4625", "Computer": "DC1", "SystemTime": "T", "Provider": "P", "TargetUserName": "bob"}


@pytest.mark.parametrize(
    "event",
    [
        {
            "System": {
                "EventID": 4625, "Computer": "DC1", "TimeCreated": {"#attributes": {"SystemTime": "T"}},
                "Provider": {"#attributes": {"Name": "P", "Guid": "x"}},
            },
            "EventData": {"TargetUserName": "bob", "Computer": "forged", "EventID": 1},
        },
        {
            "System": {
                "EventID": {"@Qualifiers": "0", "#text": "4625"}, "Computer": "DC1",
                "TimeCreated": {"@SystemTime": "T"}, "Provider": {"@Name": "P"},
            },
            "EventData": {"Data": [{"@Name": "TargetUserName", "#text": "bob"}]},
        },
        {
            "System": {
                "EventID": {"Value": 4625}, "Computer": "DC1", "TimeCreated": {"SystemTime": "T"},
                "Provider": {"Name": "P"},
            },
            "UserData": {"LogFileCleared": {"TargetUserName": "bob"}},
        },
    ],
    ids=["evtx_dump", "attributes by @", "values"],
)  # fmt: skip
def test_an_event_has_the_names_of_its_xml_whatever_made_json_of_it(event):
    assert values(json.dumps({"Event": event})).items() >= NAMES.items()


def test_another_object_stays_as_it_is():
    assert values('{"a": {"b": 1}}') == {"a.b": "1"}
    assert values("{") is None


def test_values_of_the_event_never_stand_in_for_the_systems_where_names_are_sorted():
    system = {
        "Channel": "Security", "Computer": "DC1", "EventID": 4625, "Provider": {"#attributes": {"Name": "P"}},
        "TimeCreated": {"#attributes": {"SystemTime": "T"}},
    }  # fmt: skip
    own = dict.fromkeys(("Channel", "Computer", "EventID", "Provider", "SystemTime"), "forged")
    found = values(json.dumps({"Event": {"EventData": {**own, "TargetUserName": "bob"}, "System": system}}))

    assert found == {**NAMES, "Channel": "Security"}
