# SPDX-License-Identifier: Apache-2.0
from giamsat_rules.counters import Counters


def test_what_a_filter_hid_is_counted_by_its_name():
    counters = Counters()

    for name in ("a", "b", "a"):
        counters.hide(name)

    assert counters.hidden == {"a": 2, "b": 1}
