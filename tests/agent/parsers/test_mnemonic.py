# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.mnemonic import parse


def test_a_message_is_known_by_its_mnemonic():
    assert parse("%SPANTREE-2-BLOCK_BPDUGUARD: Received BPDU").fields == {"event.code": "BLOCK_BPDUGUARD"}
    assert parse("%PIM/A-SW1-6-BAD_JOIN : x").fields == {"event.code": "BAD_JOIN"}


@pytest.mark.parametrize("text", ["", "100%A-1-B: x", "% A-1-BC: x", "%A-1-bc: x", "%ASA-6-302013: x"])
def test_another_text_has_none(text):
    assert parse(text) is None
