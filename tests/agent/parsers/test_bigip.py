# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.bigip import values


def test_a_code_and_its_words():
    assert values("010c0019:5: Active") == {"bigip.code": "010c0019", "message": "Active"}


@pytest.mark.parametrize("text", ["010c0019", "0: 5: Active", "010c001g:5: x", "20261123:5: x", ""])
def test_another_text_is_none(text):
    assert values(text) is None
