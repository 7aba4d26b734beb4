# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.payloads.der import element


def test_an_element_is_its_kind_its_content_and_where_the_next_begins():
    assert element(b"\x02\x01\x05\x04\x00", 0) == (2, b"\x05", 3)
    assert element(b"\x02\x01\x05\x04\x00", 3) == (4, b"", 5)
    assert element(b"\x04\x81\x03abc", 0) == (4, b"abc", 6)


@pytest.mark.parametrize("data", [b"", b"\x02", b"\x02\x02\x05", b"\x04\x84\xff\xff\xff\xff", b"\x04\x82\x01"])
def test_what_is_not_all_there_is_refused(data):
    with pytest.raises(ValueError):
        element(data, 0)
