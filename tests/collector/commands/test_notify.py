# SPDX-License-Identifier: Apache-2.0
import json

from support.console_line import line

UP = {
    "name": "truc-ban",
    "kind": "email",
    "priority": 2,
    "units": [],
    "unknown_units": [],
    "what": ["open", "reopen"],
    "told": 3,
    "last_told": "2026-11-29T08:00:00.000Z",
    "waiting": 0,
    "failures": 0,
    "problem": None,
}
DOWN = {**UP, "name": "siem", "last_told": None, "waiting": 4, "problem": "siem:6514: refused; is it up"}


def test_who_is_told_and_what_does_not_arrive_is_shown(tmp_path):
    with line(tmp_path, notify__show=[UP, DOWN]) as here:
        result = here.run("notify", "show")

    assert result.exit_code == 3
    assert "✓ truc-ban  email  P1-P2  open reopen  mọi đơn vị / every unit" in result.stdout
    assert "29/11/2026 15:00:00 (08:00:00 UTC)" in result.stdout
    assert "siem:6514: refused; is it up" in result.stdout


def test_all_well_is_exit_code_0_also_as_json(tmp_path):
    with line(tmp_path, notify__show=[UP]) as here:
        assert here.run("notify", "show").exit_code == 0
        assert [json.loads(one) for one in here.run("notify", "show", "--json").stdout.splitlines()] == [UP]


def test_a_unit_that_nobody_registered_is_named(tmp_path):
    with line(tmp_path, notify__show=[{**UP, "units": ["40.4l2"], "unknown_units": ["40.4l2"]}]) as here:
        result = here.run("notify", "show")

    assert (result.exit_code, "no such unit: 40.4l2" in result.stdout) == (3, True)


def test_without_any_the_next_step_is_said(tmp_path):
    with line(tmp_path, notify__show=[]) as here:
        result = here.run("notify", "show")

    assert (result.exit_code, "[[notify]]" in result.stderr) == (0, True)


def test_a_trial_is_asked_for_by_name(tmp_path):
    with line(tmp_path, notify__test=None) as here:
        result = here.run("notify", "test", "truc-ban")

    assert here.asked == [("notify.test", {"name": "truc-ban"})]
    assert "was taken" in result.stderr
