# SPDX-License-Identifier: Apache-2.0
import contextlib
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.machine import sock_diag
from giamsat_agent.machine.sockets import Listener


@contextlib.contextmanager
def bound(family, kind, address):
    with socket.socket(family, kind) as opened:
        opened.bind((address, 0))
        if kind == socket.SOCK_STREAM:
            opened.listen()
        yield opened.getsockname()[1]


@pytest.mark.parametrize(
    ("family", "kind", "address", "transport"),
    [
        (socket.AF_INET, socket.SOCK_STREAM, "127.0.0.1", "tcp"),
        (socket.AF_INET, socket.SOCK_STREAM, "0.0.0.0", "tcp"),
        (socket.AF_INET6, socket.SOCK_STREAM, "::1", "tcp"),
        (socket.AF_INET, socket.SOCK_DGRAM, "127.0.0.1", "udp"),
    ],
)
def test_what_listens_is_listed_and_gone_when_it_closes(family, kind, address, transport):
    with bound(family, kind, address) as port:
        open_ = sock_diag.listeners()
    closed = sock_diag.listeners()

    assert open_[Listener(transport, address, port)] > 0
    assert Listener(transport, address, port) not in closed


def test_a_connection_is_no_listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            listed = {listener.port for listener in sock_diag.listeners()}

        assert server.getsockname()[1] in listed
        assert client is not None


@given(st.binary(max_size=400))
def test_any_answer_is_read_or_refused(data):
    try:
        found = list(sock_diag.parse(data, "tcp"))
    except OSError:
        return

    assert all(answer is None or answer[0].transport == "tcp" for answer in found)


def test_a_socket_of_a_family_that_is_not_asked_for_is_passed_over():
    message = bytes([99]) + bytes(71)
    data = sock_diag._HEADER.pack(sock_diag._HEADER.size + len(message), 20, 0, 0, 0) + message

    assert list(sock_diag.parse(data, "tcp")) == []
