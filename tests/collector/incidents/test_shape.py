# SPDX-License-Identifier: Apache-2.0
import json

from giamsat_collector.incidents import shape
from giamsat_collector.incidents.duties import owed
from giamsat_collector.incidents.incident import Change, Place, State
from giamsat_collector.incidents.search import Listed, Whole
from support.incidents import HOUR, incident, sent

SERIOUS = incident(serious=True)


def test_a_line_says_what_is_due_when_and_how_it_was_sent():
    row = Listed(SERIOUS, (Place("40.412", "S1", 3),), 2, owed(SERIOUS, [sent(at_ns=125 * HOUR)]))

    said = json.loads(json.dumps(shape.as_json(row, 130 * HOUR)))

    assert (said["number"], said["detected"], said["alerts"]) == (7, "1970-01-05T04:00:00.000Z", 2)
    assert said["places"] == [{"unit": "40.412", "system": "S1", "level": 3}]
    assert [(one["report"], one["standing"], one["left_seconds"], one["document"]) for one in said["reports"]] == [
        ("initial", "sent", -3600, "12/BC"),
        ("full", "due", 42 * 3600, None),
    ]


def test_the_history_writes_moments_as_everywhere():
    details = {"detected_ns": [0, HOUR], "sent_ns": HOUR, "cause": ["", "x"]}
    row = Change(7, HOUR, "an", "change", State.OPEN, State.OPEN, details, "vì")

    said = shape.as_full_json(Whole(SERIOUS, (), (sent(withdrawn_ns=HOUR),), (row,)), HOUR)

    assert said["history"][0]["details"] == {
        "detected_ns": ["1970-01-01T00:00:00.000Z", "1970-01-01T01:00:00.000Z"],
        "sent_ns": "1970-01-01T01:00:00.000Z",
        "cause": ["", "x"],
    }
    assert said["sent"][0]["withdrawn"] == "1970-01-01T01:00:00.000Z"
