# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.labelled import values
from giamsat_agent.parsers.parsed_line import VALUES_MOST


def test_values_stand_behind_labels():
    assert values("Log type: IPS, src IP:192.0.2.1, action: Denied") == {
        "log type": "IPS",
        "src ip": "192.0.2.1",
        "action": "Denied",
    }


def test_a_label_in_what_a_peer_chose_moves_nothing_that_stood_before():
    assert values("Log type: IPS, src IP: 192.0.2.1, URL: /x, src IP: 198.51.100.66")["src ip"] == "192.0.2.1"


def test_a_label_that_comes_twice_behind_what_a_peer_chose_says_nothing():
    assert values("Log type: x, user: a, src IP: 198.51.100.66, src IP: 192.0.2.1")["src ip"] == ""


@pytest.mark.parametrize("text", ["", "Log type: alone", "words, and more"])
def test_what_has_no_two_labels_is_another_s(text):
    assert values(text) is None


def test_a_message_of_labels_alone_is_bounded():
    assert len(values(", ".join(f"l{'x' * (n % 30)}{chr(97 + n % 26)}: v" for n in range(10_000)))) <= VALUES_MOST
