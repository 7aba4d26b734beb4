# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from giamsat_rules.checks.unreachable_condition import find


def test_a_threshold_beyond_what_a_window_holds_is_found(book, pack_of):
    (problem,) = find(replace(book, pack=pack_of(3, ssh_failed_logins=10_000)))

    assert "ssh_brute_force can never hold at level 3 of tcvn11930-2017" in problem.what
    assert "no whole number from 1 to 512 is gte 10000" in problem.what
    assert list(find(book)) == []
