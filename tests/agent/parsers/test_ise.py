# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.parsers.ise import values

HEAD = "CISE_Failed_Attempts 0000000134 1 0 2026-11-23 16:00:00.000 +00:00 0000000201 5400 NOTICE Failed-Attempt: No, "


def test_a_comma_behind_a_backslash_belongs_to_the_value():
    assert values(f"{HEAD}UserName=a\\, b=c, Step=11001,") == {
        "UserName": "a, b=c",
        "Step": "11001",
        "ise.category": "CISE_Failed_Attempts",
        "ise.code": "5400",
        "ise.class": "Failed-Attempt",
        "message": "No",
    }


def test_an_address_that_stands_twice_behind_a_name_that_was_chosen_is_nobodys():
    told = values(f"{HEAD}IpAddress=192.0.2.1, UserName=x, Remote-Address=198.51.100.1, Remote-Address=203.0.113.9,")

    assert told is not None
    assert (told["IpAddress"], told["Remote-Address"]) == ("192.0.2.1", "")


def test_a_part_that_follows_another_is_no_whole_message():
    assert values("CISE_Failed_Attempts 0000000134 2 1  Step=11001, AdminName=admin,") is None
