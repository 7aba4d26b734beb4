# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from giamsat_agent.packets.columns.openings import asks_web


@pytest.mark.parametrize(
    ("said", "asks"),
    [(b"GET ", True), (b"POST", True), (b"DELE", True), (b"GETA", False), (b"HTTP", False), (b"GE\0\0", False)],
)
def test_a_request_is_known_by_the_word_it_begins_with(said, asks):
    assert asks_web(np.frombuffer(said + bytes(4), "<u4")).tolist() == [asks, False]
