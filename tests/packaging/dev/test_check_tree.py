# SPDX-License-Identifier: Apache-2.0
"""The tree's own rules, shown on small trees that break one each."""

from pathlib import Path

import check_tree
import pytest

NOTICE = check_tree.NOTICE
WORKS = f'{NOTICE}\n"""Adds."""\n\n\ndef add(a, b):\n    return a + b\n'
PROMISES = f'{NOTICE}\n"""A contract."""\n\n\nclass Adder:\n    def add(self, a):\n        """Add."""\n        ...\n'


@pytest.fixture
def tree(tmp_path):
    """A whole small workspace in which nothing is wrong."""
    for member in ("proto", "rules", "agent", "collector"):
        (tmp_path / member).mkdir()
        asks = [] if member == "proto" else ["giamsat-proto==1.2.3", "rich>=14"]
        (tmp_path / member / "pyproject.toml").write_text(f'[project]\nversion = "1.2.3"\ndependencies = {asks}\n')
    for path in ("packaging/dev", "packaging/locks", "agent/giamsat_agent", "tests/agent"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "packaging/dev/untested.toml").write_text("")
    (tmp_path / "packaging/locks/run.txt").write_text("rich==15.0.0 --hash=sha256:00\n")
    (tmp_path / "agent/giamsat_agent/add.py").write_text(WORKS)
    (tmp_path / "tests/agent/test_add.py").write_text(NOTICE + "\n")
    return tmp_path


def found(tree):
    return [str(problem) for problem in check_tree.problems(tree)]


def test_a_tree_that_keeps_the_rules_has_no_problems(tree):
    assert found(tree) == []


def test_a_file_of_301_lines_is_too_long_and_one_of_300_is_not(tree):
    (tree / "tests/agent/test_add.py").write_text(NOTICE + "\n" * 300)
    assert found(tree) == []
    (tree / "tests/agent/test_add.py").write_text(NOTICE + "\n" * 301)

    assert found(tree) == ["tests/agent/test_add.py: 301 lines, at most 300: split it at its second idea"]


def test_a_file_without_the_licence_line_is_named(tree):
    (tree / "tests/agent/test_add.py").write_text("# no notice\n")

    assert found(tree) == [f"tests/agent/test_add.py: the first line is not {NOTICE!r}"]


@pytest.mark.parametrize("name", ["utils", "log_helpers", "common", "base_sensor", "misc", "alert_manager"])
def test_a_drawer_is_refused_wherever_its_name_hides(tree, name):
    (tree / f"agent/giamsat_agent/{name}.py").write_text(PROMISES)

    assert "says nothing of what is inside" in "".join(found(tree))


def test_a_name_that_only_contains_a_drawers_letters_is_fine(tree):
    (tree / "agent/giamsat_agent/database.py").write_text(PROMISES)

    assert found(tree) == []


def test_a_module_that_does_something_needs_its_mirrored_test(tree):
    (tree / "tests/agent/test_add.py").unlink()

    assert found(tree) == ["agent/giamsat_agent/add.py: has no tests/agent/test_add.py"]


def test_a_module_that_only_promises_needs_no_test(tree):
    (tree / "agent/giamsat_agent/adder.py").write_text(PROMISES)

    assert found(tree) == []


def test_an_exemption_that_has_become_needless_fails(tree):
    (tree / "packaging/dev/untested.toml").write_text('"agent/giamsat_agent/add.py" = "no time"\n')

    assert found(tree) == [
        "packaging/dev/untested.toml: agent/giamsat_agent/add.py needs no exemption any more: remove the line"
    ]


def test_distributions_of_two_versions_are_refused(tree):
    file = tree / "agent/pyproject.toml"
    file.write_text(file.read_text().replace('version = "1.2.3"', 'version = "1.2.4"'))

    assert found(tree) == ["agent/pyproject.toml: version 1.2.4, while proto has 1.2.3: one version for all four"]


def test_a_sibling_asked_for_in_another_version_is_refused(tree):
    file = tree / "agent/pyproject.toml"
    file.write_text(file.read_text().replace("giamsat-proto==1.2.3", "giamsat-proto==1.0.0"))

    assert found(tree) == ["agent/pyproject.toml: asks for giamsat-proto==1.0.0, while the workspace has 1.2.3"]


@pytest.mark.parametrize(
    "line",
    ["https://index.example/simple/rich.whl", "--index-url x", "--extra-index-url x", "rich @ git+https://a.example/r"],
)
def test_a_lock_with_an_address_is_refused(tree, line):
    (tree / "packaging/locks/run.txt").write_text(line + "\n")

    assert "packaging/locks/run.txt: holds an address" in "".join(found(tree))


@pytest.mark.parametrize(
    ("module", "test"),
    [
        ("agent/giamsat_agent/spool/segment.py", "tests/agent/spool/test_segment.py"),
        ("proto/giamsat_wire/codec.py", "tests/proto/giamsat_wire/test_codec.py"),
        ("rules/giamsat_rules/__init__.py", "tests/rules/test_init.py"),
        ("agent/giamsat_agent/__main__.py", "tests/agent/test_main.py"),
        ("packaging/dev/check_tree.py", "tests/packaging/dev/test_check_tree.py"),
    ],
)
def test_a_modules_tests_stand_in_the_same_place(module, test):
    assert check_tree.mirror_of(Path(module)) == Path(test)
