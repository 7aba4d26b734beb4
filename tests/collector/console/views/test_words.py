# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.alerts import lifecycle
from giamsat_collector.alerts.alert import State
from giamsat_collector.alerts.lifecycle import Action
from giamsat_collector.console.views import words
from giamsat_collector.console.views.words import Mark, visible


def test_every_state_action_and_priority_has_a_word():
    assert set(words.STATES) == set(State)
    assert set(words.ACTIONS) == set(Action)
    assert set(words.DONE) >= set(Action)
    assert len({Mark.of(priority).shape for priority in range(1, 6)}) == 5


def test_what_is_missing_is_said_before_anything_is_tried():
    assert "lý do" in words.lacking("resolve", note=" ", owner="an")
    assert "người xử lý" in words.lacking("assign", note="x", owner="")
    assert words.lacking("acknowledge", note="", owner="") is None


def test_the_console_asks_for_a_reason_where_the_life_cycle_does():
    assert words.NEEDS_NOTE == lifecycle._NEEDS_NOTE


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("nguyễn văn a", "nguyễn văn a"),
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        (None, "None"),
        (22, "22"),
    ],
)
def test_text_is_printed_as_it_is_but_for_what_hides(said, printed):
    assert visible(said) == printed
