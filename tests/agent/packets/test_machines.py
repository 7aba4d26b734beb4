# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.machines import is_one_machine, is_virtual


@pytest.mark.parametrize(
    ("mac", "virtual"),
    [(0x00005E000107, True), (0x00000C9FF00A, True), (0x00005E000207, True), (0x00005E000307, False)],
)
def test_addresses_that_routers_share_are_known(mac, virtual):
    assert is_virtual(mac) is virtual


def test_neighbouring_addresses_are_ports_of_one_machine():
    assert is_one_machine(0x020000000010, 0x020000000013)
    assert not is_one_machine(0x020000000010, 0x020000000066)
