# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules import lock
from giamsat_rules.load import load_rules


@pytest.fixture
def locked(tmp_path, detection):
    def build(selection, version=1):
        file = tmp_path / "r.yml"
        file.write_text(detection("r", selection) + f"giamsat: {{version: {version}}}\n")
        rules = load_rules(file)
        return rules, lock.lock_of(rules)

    return build


def test_a_lock_is_read_as_it_was_written(locked):
    _, now = locked("{a: 1}")

    assert lock.read(lock.written(now)) == now


@pytest.mark.parametrize(
    ("selection", "version", "what"),
    [("{a: 2}", 1, ["changed and is still version 1"]), ("{a: 2}", 2, []), ("{a: 1}", 1, []), ("{ a:   1 }", 1, [])],
)
def test_a_rule_cannot_change_without_its_version(locked, selection, version, what):
    _, before = locked("{a: 1}")
    rules, now = locked(selection, version)

    found = list(lock.broken(before, now, rules))

    assert [problem.what.removeprefix("r ") for problem in found] == what


def test_a_version_does_not_go_back(locked):
    _, before = locked("{a: 1}", 3)
    rules, now = locked("{a: 2}", 2)

    (problem,) = lock.broken(before, now, rules)

    assert "went back from version 3 to 2" in problem.what


def test_a_line_that_is_none_leaves_its_rule_unlocked():
    assert lock.read("nonsense\nr x y\n") == {}


def test_a_rule_that_is_gone_is_named_with_the_others_that_are_not_locked_as_they_are(locked):
    _, now = locked("{a: 1}", 2)
    before = {"r": lock.Locked(1, "x"), "old": lock.Locked(7, "y")}

    assert list(lock.unlocked(before, now)) == ["old: gone", "r: version 1 is locked, this is 2"]
    assert list(lock.unlocked({}, now)) == ["r: new"]
