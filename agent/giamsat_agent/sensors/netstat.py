# SPDX-License-Identifier: Apache-2.0
"""What the IP, ICMP, TCP and UDP layers have counted."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.record import Sample

FIELDS: Final = re.compile(
    r".*_(InErrors|InErrs)"
    r"|Ip_Forwarding"
    r"|Ip(6|Ext)_(InOctets|OutOctets)"
    r"|Icmp6?_(InMsgs|OutMsgs)"
    r"|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)"
    r"|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)"
    r"|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors)"
)
"""node_exporter's default choice out of some 400 fields."""
IPV6_FIELD: Final = re.compile(r"^((?:Ip|Icmp|Udp|UdpLite)6)(\S+)\s+(\d+)$", re.MULTILINE)


class NetworkStatistics:
    """The counters of the network protocols."""

    def __init__(self, host: Host) -> None:
        self._netstat = str(host.proc / "net/netstat")
        self._snmp = str(host.proc / "net/snmp")
        self._snmp6 = str(host.proc / "net/snmp6")

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        yield from parse(text(self._netstat, provided_by="the Linux kernel"))
        yield from parse(text(self._snmp, provided_by="the Linux kernel"))
        try:
            six = text(self._snmp6, provided_by="IPv6 in the kernel")
        except NothingToRead:
            return
        yield from parse_ipv6(six)


def parse(table: str) -> Iterator[Sample]:
    """The chosen fields of pairs of lines `Protocol: names…` and `Protocol: numbers…`."""
    lines = table.splitlines()
    for head, body in zip(lines[::2], lines[1::2], strict=True):
        protocol, _, fields = head.partition(":")
        numbers = body.partition(":")[2]
        for field, number in zip(fields.split(), numbers.split(), strict=True):
            if name := metric_name(protocol, field):
                yield Sample(name, float(number))


def parse_ipv6(lines: str) -> Iterator[Sample]:
    """The chosen fields of lines `Ip6InReceives 12`."""
    for protocol, field, number in IPV6_FIELD.findall(lines):
        if name := metric_name(protocol, field):
            yield Sample(name, float(number))


@lru_cache(maxsize=2_048)
def metric_name(protocol: str, field: str) -> str | None:
    """The metric of a field; None when it is not chosen."""
    name = f"{protocol}_{field}"
    return f"node_netstat_{name}" if FIELDS.fullmatch(name) else None


SPEC: Final = SensorSpec(name="netstat", build=NetworkStatistics, every_s=15)
