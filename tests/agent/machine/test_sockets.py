# SPDX-License-Identifier: Apache-2.0
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.machine import sockets
from giamsat_agent.machine.sockets import Listener
from support.socket_tables import ESTABLISHED, LISTEN, UNCONNECTED, address, table

PROC = Path("/proc")


@given(st.ip_addresses())
def test_an_address_of_the_kernel_is_read_back(ip):
    mapped = getattr(ip, "ipv4_mapped", None)

    assert sockets.decoded(address(str(ip).partition("%")[0])) == str(mapped or ip).partition("%")[0]


@pytest.mark.parametrize("text", ["", "zz", "0100007", "00" * 8])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError):
        sockets.decoded(text)


def test_only_listening_tcp_sockets_are_listeners(tmp_path):
    (tmp_path / "tcp").write_text(
        table(("127.0.0.1", 22, LISTEN, 7), ("2001:db8::1", 443, LISTEN, 8), ("127.0.0.1", 5_000, ESTABLISHED, 9))
    )

    assert dict(sockets.tcp(tmp_path / "tcp")) == {
        Listener("tcp", "127.0.0.1", 22): 7,
        Listener("tcp", "2001:db8::1", 443): 8,
    }


def test_only_unconnected_udp_sockets_are_listeners(tmp_path):
    (tmp_path / "udp").write_text(table(("0.0.0.0", 53, UNCONNECTED, 7), ("127.0.0.1", 5_000, ESTABLISHED, 9)))

    assert dict(sockets.udp(tmp_path / "udp")) == {Listener("udp", "0.0.0.0", 53): 7}


def test_the_table_of_a_busy_server_is_not_read_to_its_end(tmp_path):
    busy = [("192.0.2.1", 443, ESTABLISHED, number) for number in range(100_000)]
    (tmp_path / "tcp").write_text(table(("0.0.0.0", 443, LISTEN, 1), *busy, ("0.0.0.0", 99, LISTEN, 2)))

    assert [listener.port for listener, _ in sockets.tcp(tmp_path / "tcp")] == [443]


@given(st.lists(st.text(st.characters(exclude_characters="\n"))))
def test_whatever_a_table_holds_is_survived(lines):
    for listener, _ in sockets.parse(lines, transport="tcp", state=LISTEN):
        assert listener.ip


def test_a_socket_of_this_process_is_found_with_its_holder():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        port = server.getsockname()[1]
        inode = dict(sockets.tcp(PROC / "net/tcp6"))[Listener("tcp", "::1", port)]
        holder = sockets.holders(PROC, frozenset({inode}))[inode]

    assert holder.pid == os.getpid()
    assert holder.executable == str(Path("/proc/self/exe").readlink())
    assert "python" in holder.command_line


def test_the_range_for_clients_is_the_kernels():
    first, last = (PROC / "sys/net/ipv4/ip_local_port_range").read_text().split()

    assert sockets.ephemeral_ports(PROC) == range(int(first), int(last) + 1)
    assert 40_000 in sockets.ephemeral_ports(Path("/nowhere"))
