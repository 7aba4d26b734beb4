# SPDX-License-Identifier: Apache-2.0
from collections import Counter

from kill_loop import missing


def test_what_nobody_has_is_named_in_ranges():
    assert missing(9, Counter([1, 2, 5, 5, 8])) == ["3-4", "6-7", "9-9"]
    assert missing(2, Counter([1, 2])) == []
    assert missing(2, Counter()) == ["1-2"]
