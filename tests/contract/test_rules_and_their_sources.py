# SPDX-License-Identifier: Apache-2.0
"""Every shipped rule has fired from its real source, or that source cannot be here: tests/e2e/fired.toml says which.

That a test it names does what is said of it is seen where the test runs (tests/e2e/conftest.py).
"""

import ast

from giamsat_rules.load import load_rules, shipped
from support.fired import FOLDER, LIST


def named():
    """File, test and rules of each line about what fires."""
    return [(file, test, rules) for file, tests in LIST["fires"].items() for test, rules in tests.items()]


def excused():
    return [rule for rules in LIST["not_here"].values() for rule in rules]


def test_every_rule_that_tells_fires_in_a_test_or_has_a_reason_why_its_source_cannot_be_here():
    telling = {
        name for name, rule in load_rules(shipped().detections).rules.items() if not getattr(rule, "silent", False)
    }
    fired = {rule for _, _, rules in named() for rule in rules}

    assert telling - fired - set(excused()) == set(), "no test makes them fire from a real source"
    assert (fired | set(excused())) - telling == set(), "no such rule is shipped"
    assert fired & set(excused()) == set(), "what has fired needs no excuse"
    assert len(excused()) == len(set(excused()))


def test_every_test_that_is_named_exists():
    lost = []
    for file, test, _ in named():
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        there = {node.name for node in ast.walk(ast.parse((FOLDER / file).read_text())) if isinstance(node, functions)}
        lost += [] if test in there else [f"{file}: {test}"]

    assert lost == []
