# SPDX-License-Identifier: Apache-2.0
import struct

import pytest

from giamsat_agent.devices.ping import answers, message


@pytest.mark.parametrize("identifier", [0, 1, 0x1234, 0xFFFF])
def test_a_request_carries_a_checksum_that_adds_up(identifier):
    total = sum(struct.unpack("!4H", message(identifier)))

    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF


@pytest.mark.root
def test_this_machine_answers():
    assert answers("127.0.0.1", timeout_s=2)
