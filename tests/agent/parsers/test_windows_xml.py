# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.parsers.windows_xml import values

EVENT = (
    '<Event><System><Provider Name="P"/><EventID Qualifiers="0">4625</EventID><TimeCreated'
    ' SystemTime="2026-11-23T16:00:00Z"/>'
    '<Computer>dc1</Computer></System><EventData><Data Name="TargetUserName">a &amp; b</Data></EventData></Event>'
)


def test_an_event_is_read_by_the_names_of_its_data():
    found = values(EVENT)

    assert (found["EventID"], found["Computer"], found["Provider"]) == ("4625", "dc1", "P")
    assert found["TargetUserName"] == "a & b"
    assert found["SystemTime"] == "2026-11-23T16:00:00Z"


def test_data_cannot_give_the_event_another_number():
    forged = EVENT.replace("a &amp; b", "</Data><EventID>4624</EventID>")

    assert values(forged)["EventID"] == "4625"


def test_xml_that_is_no_event_is_none():
    assert values("<Event><x/></Event>") is None


def test_elements_of_user_data_are_values_too_and_change_nothing_of_the_system():
    body = (
        "<UserData><LogFileCleared xmlns='x'><SubjectUserName>an</SubjectUserName><EventID>7</EventID></LogFileCleared>"
    )
    found = values(f"<Event><System><EventID>1102</EventID></System>{body}</UserData></Event>")

    assert (found["EventID"], found["SubjectUserName"]) == ("1102", "an")
