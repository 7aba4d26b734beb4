# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.sensors.loadavg import LoadAverage, parse
from support.pretend_host import by_series, pretend_host, reading


def test_the_three_averages_are_reported_as_written():
    assert by_series(parse("12.10 3.05 0.99 4/812 99120\n")) == {
        ("node_load1",): 12.1,
        ("node_load5",): 3.05,
        ("node_load15",): 0.99,
    }


def test_the_averages_are_read_from_the_host():
    assert reading(LoadAverage(pretend_host()))["node_load1",] == 0.42
