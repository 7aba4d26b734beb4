# SPDX-License-Identifier: Apache-2.0
from giamsat_rules.owner import Owner


def test_owners_are_said_in_rules_by_these_words():
    assert list(Owner) == ["asset", "unit"]
