# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from giamsat_rules.checks.missing_parameter import find


def test_a_parameter_that_a_level_does_not_set_is_found(book):
    profile = book.pack.profiles[3]
    values = {name: value for name, value in profile.values.items() if name != "agent_silent_after"}
    pack = replace(book.pack, profiles={**book.pack.profiles, 3: replace(profile, values=values)})

    (problem,) = find(replace(book, pack=pack))

    assert "agent_silent needs agent_silent_after, which level 3 of tcvn11930-2017 does not set" in problem.what
