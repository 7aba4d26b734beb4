# SPDX-License-Identifier: Apache-2.0
from collections import Counter

from kill_loop import AGENT, COLLECTOR, MEASURED, Lived, missing, tell


def test_what_nobody_has_is_named_in_ranges():
    assert missing(9, Counter([1, 2, 5, 5, 8])) == ["3-4", "6-7", "9-9"]
    assert missing(2, Counter([1, 2])) == []
    assert missing(2, Counter()) == ["1-2"]


def lived(*found, first_s=(), stuck=""):
    return Lived(Counter({AGENT: 4, COLLECTOR: 2}), list(first_s), 3, Counter(found), stuck)


def test_processes_that_ended_are_counted_and_nothing_lost_is_a_success(capsys):
    assert tell(lived(1, 2, 3), "kill", "kills") == 0

    assert capsys.readouterr().out.splitlines() == [
        "4 kills of the agent, 2 of the collector",
        "kill-loop: 6 kills, 0 lost, 0 duplicates of 3 events",
    ]


def test_what_is_lost_or_came_twice_or_did_not_start_again_is_a_failure(capsys):
    assert tell(lived(1, 3), "kill", "kills") == 1
    assert capsys.readouterr().out.endswith("lost: 2-2\n4 kills of the agent, 2 of the collector\n"
                                            "kill-loop: 6 kills, 1 lost, 0 duplicates of 3 events\n")  # fmt: skip
    assert tell(lived(1, 2, 3, 3), "power", "cuts") == 1
    assert capsys.readouterr().out.endswith("power-loop: 6 cuts, 0 lost, 1 duplicates of 3 events\n")
    assert tell(lived(1, 2, 3, stuck="it does not answer"), "kill", "kills") == 1
    assert capsys.readouterr().out.startswith("ended early: it does not answer\n")


def test_a_percentile_is_told_of_enough_starts(capsys):
    tell(lived(1, 2, 3, first_s=[2.0] * (MEASURED - 1)), "kill", "kills")
    assert "p95" not in capsys.readouterr().out
    tell(lived(1, 2, 3, first_s=[2.0] * MEASURED), "kill", "kills")
    assert "first frame stored: p95 2.0 s of 10" in capsys.readouterr().out
