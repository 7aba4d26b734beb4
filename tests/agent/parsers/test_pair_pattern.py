# SPDX-License-Identifier: Apache-2.0
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.parsers import pair_pattern as habits
from giamsat_agent.parsers.key_value import pairs, parameters
from giamsat_agent.parsers.pair_pattern import NAMES_MOST, SEEN, Habit, Pairs

TRAFFIC = 'date=2026-11-23 time=16:00:00 devname="FG" srcip=203.0.113.9 user="an" url="https://x/?a=1" sent=4'
SESSION = '[junos@2636.1.1.1.2.129 source-address="203.0.113.9" source-port="51000" reason="a \\"b\\]"]'
SIGNS = st.sampled_from(
    ['"', "'", "=", " ", "  ", ";", ",", "|", "\\", "\\\\", '\\"', "]", "\t", "\n", "é", "a", "a=1 ", ""]
)


def nothing_learned_yet():
    habits.habit.cache_clear()


def learned(read, text):
    for _ in range(SEEN):
        read(text)


@pytest.mark.parametrize(("read", "text"), [(pairs, TRAFFIC), (parameters, SESSION)])
@given(data=st.data())
def test_what_is_read_by_habit_is_what_is_read_pair_by_pair(read, text, data):
    changed = text
    for _ in range(data.draw(st.integers(1, 3))):
        at, length = data.draw(st.integers(0, len(changed))), data.draw(st.integers(0, 3))
        changed = changed[:at] + data.draw(SIGNS) + changed[at + length :]
    nothing_learned_yet()
    slowly = read(changed)
    learned(read, text)

    assert read(changed) == slowly
    assert list(read(changed)) == list(slowly)


WRITTEN = Pairs(re.compile("x"), equals="=", between=" ", quoted='[^"]*+', bare=r"[^\s\"]*+")


def seen(*texts):
    habit = Habit(WRITTEN)
    for names in texts:
        habit.saw(names, [None] * len(names))
    return habit


def test_a_pattern_is_made_once_the_same_names_came_often_in_a_row():
    assert seen(*[["a", "b"]] * SEEN).read("a=1 b=2") == {"a": "1", "b": "2"}
    assert seen(*[["a", "b"]] * (SEEN - 1)).read("a=1 b=2") is None


def test_names_that_change_all_the_time_make_no_pattern():
    habit = seen(*([["a"]] * (SEEN - 1) + [["b"]]) * 3)

    assert (habit.read("a=1"), habit.read("b=1")) == (None, None)


def test_the_names_of_lines_in_a_row_are_the_same_objects():
    nothing_learned_yet()
    first, *others = [tuple(pairs(TRAFFIC)) for _ in range(SEEN + 2)]

    assert all(one is another for other in others for one, another in zip(first, other, strict=True))


def test_more_names_than_devices_write_make_no_pattern():
    names = [f"n{number}" for number in range(NAMES_MOST + 1)]

    assert seen(*[names] * SEEN).read(" ".join(f"{name}=1" for name in names)) is None
