# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.payloads.randomness import looks_made_up


@pytest.mark.parametrize(
    "word", ["google", "nghean", "thongtin", "baohiemxahoi", "facebook", "microsoft", "vietnamnet"]
)
def test_words_do_not_look_made_up(word):
    assert not looks_made_up(word)
