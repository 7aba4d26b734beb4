# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.parsers.firepower import values


def test_values_go_on_to_the_next_name_and_of_two_the_first_counts():
    found = values('%FTD-1-430001: SrcIP: 203.0.113.9, Prefilter Policy: a, b, Message: "m", URL: x, SrcIP: 192.0.2.66')

    assert found == {
        "ftd.code": "430001", "SrcIP": "203.0.113.9", "Prefilter Policy": "a, b", "Message": "m", "URL": "x",
    }  # fmt: skip


def test_another_message_is_none():
    assert values("%FTD-6-302013: Built inbound TCP connection") is None
