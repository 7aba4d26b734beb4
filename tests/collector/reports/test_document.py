# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.reports.document import clean


@pytest.mark.parametrize(("text", "said"), [("Xã\tMột\nHai", "Xã\tMột\nHai"), ("a\x00b\x1b[31m\uffff", "a�b�[31m�")])
def test_what_a_file_cannot_hold_is_replaced_and_seen_to_be(text, said):
    assert clean(text) == said
