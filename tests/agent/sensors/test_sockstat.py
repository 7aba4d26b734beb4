# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.sensors.sockstat import Sockets, parse
from support.pretend_host import by_series, pretend_host, reading


def test_memory_is_reported_in_pages_and_in_bytes():
    assert by_series(parse("TCP: inuse 14 mem 7\n", page_bytes=4096)) == {
        ("node_sockstat_TCP_inuse",): 14,
        ("node_sockstat_TCP_mem",): 7,
        ("node_sockstat_TCP_mem_bytes",): 28672,
    }


def test_both_ip_versions_are_reported():
    series = reading(Sockets(pretend_host()))

    assert series["node_sockstat_sockets_used",] == 231
    assert series["node_sockstat_RAW6_inuse",] == 1
