# SPDX-License-Identifier: Apache-2.0
"""The list of checks, and how one of them ends."""

import sys

import check
import pytest


def test_names_are_unique_so_that_only_means_one():
    names = [one.name for one in check.checks()]

    assert len(names) == len(set(names))


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(SystemExit, match=r"no check is called 'typos'; there are tree, format"):
        check.chosen(["typos"])


def test_without_names_all_are_due():
    assert check.chosen([]) == check.checks()


def test_a_check_that_passes_is_one_line():
    outcome = check.carry_out(check.Check("quiet", "nothing", (sys.executable, "-c", "print('noise')")))

    assert (outcome.code, len(str(outcome).splitlines())) == (0, 1)


def test_a_note_is_shown_even_when_all_is_well():
    script = "print('noise'); print('note: 3 MB')"
    outcome = check.carry_out(check.Check("noted", "nothing", (sys.executable, "-c", script)))

    assert str(outcome).splitlines()[1:] == ["note: 3 MB"]


def test_a_check_that_fails_shows_what_its_tool_said_on_both_channels():
    script = "import sys; print('out'); print('err', file=sys.stderr); raise SystemExit(3)"
    outcome = check.carry_out(check.Check("loud", "nothing", (sys.executable, "-c", script)))

    assert outcome.code == 3
    assert {"out", "err"} <= set(str(outcome).splitlines())
    assert str(outcome).startswith("FAIL loud")


def test_the_run_is_red_if_one_check_is(monkeypatch, capsys):
    ends = [
        check.Check(name, "", (sys.executable, "-c", f"raise SystemExit({code})"))
        for name, code in [("a", 0), ("b", 1)]
    ]
    monkeypatch.setattr(check, "checks", lambda: ends)
    monkeypatch.setattr(sys, "argv", ["check.py"])

    assert check.main() == 1
    assert "check: 1 of 2" in capsys.readouterr().out
