# SPDX-License-Identifier: Apache-2.0
"""A part that does not start: what it said now is told, and nothing of what it said before."""

import pair
import pytest


def test_of_a_collector_that_ends_its_own_last_word_is_told(tmp_path):
    (tmp_path / "collector.log").write_text("giamsat-collector: of yesterday\n")
    refused = pair.Pair(tmp_path, host="no address")

    with pytest.raises(pair.NotStartedError) as told, pair.collector(refused):
        pass

    assert str(told.value).startswith("the collector did not start: ")
    assert "no address" in str(told.value)
    assert "yesterday" not in str(told.value)
    assert "\n" not in str(told.value)
