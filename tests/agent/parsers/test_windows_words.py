# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.parsers.windows_words import PROGRAMS, values

FAILED = (
    "4625: AUDIT_FAILURE An account failed to log on. Subject: Security ID: S-1-0-0 Account Name: - Account Domain: - "
    "Logon Type: 3 Account For Which Logon Failed: Security ID: S-1-0-0 Account Name: {name} Account Domain: TINH "
    "Network Information: Workstation Name: PC1 Source Network Address: 203.0.113.9 Source Port: 50123"
)


def test_each_value_is_told_by_its_label_and_by_the_part_it_stands_in():
    found = values("Security-Auditing", FAILED.format(name="an"))

    assert (found["EventID"], found["LogonType"], found["IpAddress"]) == ("4625", "3", "203.0.113.9")
    assert (found["SubjectUserName"], found["TargetUserName"]) == ("-", "an")


def test_a_name_that_holds_a_label_forges_no_source():
    found = values("Security-Auditing", FAILED.format(name="x Source Network Address: 198.51.100.1"))

    assert "IpAddress" not in found
    assert found["TargetUserName"] == "x"


def test_without_a_number_the_first_sentence_is_known():
    created = "A user account was created.#015#012New Account:#015#012#011Account Name:#011#011tam"

    assert values("Microsoft-Windows-Security-Auditing", created)["EventID"] == "4720"
    assert values("Microsoft-Windows-Security-Auditing", "Something else was done. Account Name: tam") is None


def test_other_programs_do_not_speak_for_windows():
    assert "logger" not in PROGRAMS
    assert {"Security-Auditing", "Microsoft-Windows-Security-Auditing"} <= PROGRAMS
