# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from giamsat_rules.checks.unused_parameter import find


def test_a_parameter_no_rule_names_is_found(book):
    declared = replace(book.pack.declared["disk_full_for"], name="left_over")
    pack = replace(book.pack, declared={**book.pack.declared, "left_over": declared})

    (problem,) = find(replace(book, pack=pack))

    assert "no rule names the parameter left_over" in problem.what
