# SPDX-License-Identifier: Apache-2.0
from giamsat_rules.readings.baseline import EVERY_NS, LEARNT, POINTS, Baseline


def test_nothing_is_judged_before_the_habit_is_learnt():
    habit = Baseline()

    scores = [habit.deviation(1.0, n * EVERY_NS) for n in range(1, LEARNT + 2)]

    assert scores[:LEARNT] == [None] * LEARNT
    assert scores[LEARNT] == 0.0


def test_one_wild_reading_does_not_change_what_is_usual():
    habit = Baseline()
    for n in range(1, LEARNT + 10):
        habit.deviation(100.0 + n % 5, n * EVERY_NS)

    before = habit.usual
    habit.deviation(1e9, (LEARNT + 10) * EVERY_NS)

    assert abs(habit.usual - before) <= 1


def test_a_habit_remembers_one_day_and_no_more():
    habit = Baseline()
    for n in range(1, POINTS * 2):
        habit.deviation(float(n), n * EVERY_NS)

    assert len(habit.points) == POINTS
    assert habit.usual > POINTS


def test_readings_closer_than_a_point_are_not_remembered():
    habit = Baseline()
    for n in range(100):
        habit.deviation(1.0, EVERY_NS + n)

    assert len(habit.points) == 1
