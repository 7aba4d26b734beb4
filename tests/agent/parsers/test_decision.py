# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.decision import finding, of_values

ENDS = {"source.ip": "203.0.113.9", "destination.ip": "10.1.0.5"}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"action": "Deny"}, "connection-denied"), ({"act": "blocked"}, "connection-denied"),
        ({"verdict": "ACCEPT"}, "connection-allowed"), ({"disposition": "permitted"}, "connection-allowed"),
    ],
)  # fmt: skip
def test_one_plain_word_is_a_decision(said, kind):
    assert of_values(said, ENDS).kind == kind


@pytest.mark.parametrize(
    "said",
    [{}, {"action": "was it denied?"}, {"action": "login"}],
)
def test_anything_else_is_none(said):
    assert of_values(said, ENDS) is None


def test_a_decision_about_one_end_alone_is_none():
    assert of_values({"action": "deny"}, {"source.ip": "203.0.113.9"}) is None


def test_the_name_of_an_attack_is_a_finding_where_a_peer_reached_something():
    said = {"attackname": "Made Up Overflow"}

    assert finding(said, ENDS).kind == "intrusion-detected"
    assert finding(said, {"source.ip": "203.0.113.9"}) is None
    assert finding({"attacktype": "none"}, ENDS) is None


@pytest.mark.parametrize(
    "said",
    [
        {"virusname": "EICAR"}, {"malwarename": "Trojan horse"}, {"virusname": "Win.Test.EICAR_HDB-1"},
        {"virus": "W32/Made.Up-1", "file": "/srv/a.exe"}, {"malware": "Trojan:Win32/MadeUp!x", "action": "removed"},
        {"virus": "not-a-virus:HEUR:AdWare.MadeUp", "hostname": "pc7"},
        {"virusname": "-", "virus": "A.MadeUp", "act": "x"},
    ],
)  # fmt: skip
def test_a_name_of_malicious_software_is_a_finding(said):
    assert finding(said, {}).kind == "malware-detected"


STATES = (
    "not found", "Not detected", "none found", "undetected", "benign", "negative", "safe", "passed", "skipped", "none",
    "not scanned", "not_found", "not-detected", "N.A.", "n/a", "disabled", "enabled", "[]", "{}", "", "-", "0", "12",
    "clean", "No virus found", "5.1", "daily.cld", "main.cvd", "ClamAV/1.4.1", "engine-v2.10", "on-access", "true",
    "https://scan.example/A1", "2026-11-29T10:00:00Z", "unknown", "Up-To-Date", "scan.LOG",
    "Không", "không phát hiện mã độc",
)  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_the_state_of_a_scanner_is_no_finding(state):
    for name in ("virusname", "malwarename", "virus", "malware"):
        assert finding({name: state, "file": "a", "hostname": "pc7", "action": "scan"}, {}) is None


def test_where_a_state_may_stand_a_name_has_its_shape_and_something_beside_it():
    assert finding({"virus": "W32/Made.Up-1", "user": "bob"}, {}) is None
    assert finding({"virus": "infected", "file": "a"}, {}) is None
    assert finding({"malware": "W32/Made.Up-1 or so", "file": "a"}, {}) is None
