# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.sensor import NothingToRead
from giamsat_agent.sensors.conntrack import ConnectionTracking
from support.pretend_host import empty_host, pretend_host, reading


def test_the_table_and_its_limit_are_reported():
    series = reading(ConnectionTracking(pretend_host()))

    assert series["node_nf_conntrack_entries",] == 123
    assert series["node_nf_conntrack_entries_limit",] == 65536


def test_hexadecimal_counters_are_summed_over_the_cpus():
    series = reading(ConnectionTracking(pretend_host()))

    assert series["node_nf_conntrack_stat_found",] == 16
    assert series["node_nf_conntrack_stat_ignore",] == 32
    assert series["node_nf_conntrack_stat_insert_failed",] == 1
    assert series["node_nf_conntrack_stat_search_restart",] == 3


def test_a_host_without_connection_tracking_is_not_a_fault(tmp_path):
    with pytest.raises(NothingToRead, match="nf_conntrack"):
        reading(ConnectionTracking(empty_host(tmp_path)))
