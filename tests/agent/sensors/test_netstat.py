# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.sensors.netstat import NetworkStatistics, metric_name, parse
from support.pretend_host import by_series, pretend_host, reading


def test_the_three_tables_are_reported_under_one_scheme():
    series = reading(NetworkStatistics(pretend_host()))

    assert series["node_netstat_TcpExt_ListenDrops",] == 1
    assert series["node_netstat_IpExt_InOctets",] == 914000000
    assert series["node_netstat_Tcp_CurrEstab",] == 9
    assert series["node_netstat_Ip6_OutOctets",] == 712345
    assert series["node_netstat_Udp6_InDatagrams",] == 410


@pytest.mark.parametrize(
    ("protocol", "field"), [("Tcp", "RtoMin"), ("TcpExt", "EmbryonicRsts"), ("Ip6", "InReceives"), ("Udp", "InCsum")]
)
def test_a_field_nobody_asks_for_is_left_out(protocol, field):
    assert metric_name(protocol, field) is None


def test_names_without_their_numbers_are_a_fault():
    with pytest.raises(ValueError, match="zip"):
        by_series(parse("Tcp: InSegs OutSegs\nTcp: 1\n"))
