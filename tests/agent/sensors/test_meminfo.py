# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.sensors.meminfo import MemoryInfo, parse
from support.pretend_host import by_series, pretend_host, reading


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("MemTotal:        8052640 kB", "node_memory_MemTotal_bytes", 8052640 * 1024),
        ("Active(anon):    1024512 kB", "node_memory_Active_anon_bytes", 1024512 * 1024),
        ("HugePages_Total:       4", "node_memory_HugePages_Total", 4),
        ("VmallocTotal:   34359738367 kB", "node_memory_VmallocTotal_bytes", 35184372087808),
    ],
)
def test_a_field_becomes_a_metric(line, name, value):
    assert by_series(parse(line)) == {(name,): value}


def test_every_field_of_the_host_is_reported():
    host = pretend_host()

    assert len(reading(MemoryInfo(host))) == len((host.proc / "meminfo").read_text().splitlines())
