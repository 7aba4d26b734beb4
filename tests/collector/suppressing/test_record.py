# SPDX-License-Identifier: Apache-2.0
import json
from dataclasses import asdict, replace

import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.own_host import SELF
from giamsat_collector.suppressing.record import Record, State, compiled, of_json, sigma
from giamsat_rules.suppression import ASSET

RECORD = Record(
    number=7,
    rules=("ssh_brute_force",),
    fields={"source.ip": "192.0.2.0/28", "giamsat.unit": "40.412"},
    reason="máy quét của tỉnh",
    document="12/QĐ",
    proposer="an",
    proposed_ns=0,
    since_ns=100,
    until_ns=1000,
)


def test_a_network_is_asked_for_as_a_network():
    suppression = compiled(RECORD)
    inside = {"source.ip": "192.0.2.9", "giamsat.unit": "40.412"}

    assert suppression.matches(inside) is False
    assert suppression.matches(inside | {"source.ip": "192.0.2.99"}) is True
    assert suppression.matches(inside | {"giamsat.unit": "40.413"}) is True


def test_a_path_with_a_stroke_is_no_network():
    assert (
        compiled(replace(RECORD, fields={"log.file.path": "/var/log/x"})).matches({"log.file.path": "/var/log/x"})
        is False
    )


def test_it_is_a_sigma_filter_that_json_can_hold():
    said = json.loads(json.dumps(sigma(RECORD)))

    assert said["filter"] == {
        "rules": ["ssh_brute_force"],
        "selection": {"source.ip|cidr": "192.0.2.0/28", "giamsat.unit": "40.412"},
        "condition": "not selection",
    }
    assert said["giamsat"]["filter"] == {"reason": "máy quét của tỉnh", "author": "an", "until": "1970-01-01"}


def test_a_field_that_sigma_does_not_know_how_to_ask_is_refused():
    with pytest.raises(RefusedError, match="nonsense"):
        compiled(replace(RECORD, fields={"source.ip|nonsense": "x"}))


@pytest.mark.parametrize(
    ("words", "now", "state"),
    [
        ({}, 99, State.PLANNED),
        ({}, 100, State.PARTLY),
        ({"second": "binh"}, 100, State.WHOLE),
        ({}, 1000, State.OVER),
        ({"ended_ns": 500}, 500, State.OVER),
        ({"ended_ns": 500}, 499, State.PARTLY),
    ],
)
def test_how_it_stands(words, now, state):
    assert replace(RECORD, **words).state(now) is state


def test_it_comes_back_from_the_shape_the_socket_carries():
    assert of_json(json.loads(json.dumps(asdict(RECORD) | {"state": "over"}))) == RECORD


def test_nothing_about_the_collector_itself_is_hidden_before_a_second_person_agrees():
    ours, theirs = {ASSET: SELF, "user.name": "an"}, {ASSET: "A1", "user.name": "an"}
    everything = replace(RECORD, rules=(), fields={"user.name": "an"})
    agreed = replace(everything, second="binh", agreed_ns=100)

    assert [compiled(everything).matches(fields) for fields in (ours, theirs)] == [True, False]
    assert [compiled(agreed).matches(fields) for fields in (ours, theirs)] == [False, False]
