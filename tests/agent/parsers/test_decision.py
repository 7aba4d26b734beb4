# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.decision import of_values

ENDS = {"source.ip": "203.0.113.9", "destination.ip": "10.1.0.5"}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"action": "Deny"}, "connection-denied"), ({"act": "blocked"}, "connection-denied"),
        ({"verdict": "ACCEPT"}, "connection-allowed"), ({"disposition": "permitted"}, "connection-allowed"),
        ({"virusname": "EICAR", "action": "deny"}, "malware-detected"),
    ],
)  # fmt: skip
def test_one_plain_word_is_a_decision(said, kind):
    assert of_values(said, ENDS).kind == kind


@pytest.mark.parametrize(
    "said",
    [{}, {"action": "was it denied?"}, {"action": "login"}, {"virus": "clean"}, {"malware": "0"}, {"virus": "12"}],
)
def test_anything_else_is_none(said):
    assert of_values(said, ENDS) is None


def test_a_decision_about_one_end_alone_is_none():
    assert of_values({"action": "deny"}, {"source.ip": "203.0.113.9"}) is None
