# SPDX-License-Identifier: Apache-2.0
"""Whom real databases let in over TLS, and whom they refuse, as the wire shows it: by both sides, and by one alone."""

import contextlib
import ctypes
import os
import socket
import struct
import subprocess

import pytest

from support import peers
from support.capture import classes, pcap
from support.daemons import database, mariadb
from support.web_server import Authority

pytestmark = [pytest.mark.root]
CALLS = 14
SO_ATTACH_FILTER, SO_RCVBUFFORCE, OUTGOING, ETH_P_ALL = 26, 33, 4, 3
HERE = "127.0.0.1"


@contextlib.contextmanager
def heard(port):
    """What passes on loopback from or to a port: a list that is full when the context is over."""
    steps = [
        (0x28, 0, 0, 12),  # the kind of frame, the protocol, both ports
        (0x15, 0, 6, 0x0800),
        (0x30, 0, 0, 23),
        (0x15, 0, 4, 6),
        (0x28, 0, 0, 34),
        (0x15, 3, 0, port),
        (0x28, 0, 0, 36),
        (0x15, 1, 0, port),
        (0x06, 0, 0, 0),
        (0x06, 0, 0, 1 << 16),
    ]
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    frames = []
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as line:
        line.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
        head = struct.pack("@HP", len(steps), ctypes.addressof(program))
        line.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, head)
        line.bind(("lo", ETH_P_ALL))
        yield frames
        line.setblocking(False)  # noqa: FBT003 - the standard library's signature
        with contextlib.suppress(BlockingIOError):
            while True:
                raw, (_, _, kind, *_) = line.recvfrom(1 << 16)
                if kind != OUTGOING:
                    frames.append(raw)


def as_if(frames, port, usual):
    """The same as if the service listened where it usually does, one after the other, and which came from it."""
    told = []
    for number, raw in enumerate(frames):
        source, target = (int.from_bytes(raw[at : at + 2]) for at in (34, 36))
        ports = [usual if one == port else one for one in (source, target)]
        told.append((number * 0.01, raw[:34] + struct.pack("!HH", *ports) + raw[38:], source == port))
    return told


def call(words, password):
    """Ask a database something; whether it answered."""
    given = {**os.environ, "PGPASSWORD": password, "MYSQL_PWD": password}
    return subprocess.run([str(word) for word in words], env=given, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("server", "usual", "makes"),
    [
        pytest.param(
            database,
            5432,
            "CREATE ROLE giamsat LOGIN PASSWORD 'right'",
            marks=pytest.mark.peer("postgres", "psql"),
            id="PostgreSQL",
        ),
        pytest.param(
            mariadb,
            3306,
            "CREATE USER giamsat@'127.0.0.1' IDENTIFIED BY 'right'",
            marks=pytest.mark.peer("mariadbd", "mariadb", "mariadb-install-db"),
            id="MariaDB",
        ),
    ],
)
def test_who_asks_a_real_database_over_tls_is_none_and_who_guesses_is_told_whatever_side_is_seen(
    tmp_path, server, usual, makes
):
    with server(Authority(tmp_path).issue("db", days=33)) as there:
        there.sql(makes)
        if usual == 5432:
            ends = f"host={HERE} port={there.port} user=giamsat dbname=postgres sslmode=require"
            words = [peers.program("psql"), "-qc", "SELECT 1", ends]
        else:
            words = [peers.program("mariadb"), "--no-defaults", "--protocol=tcp", "--ssl", f"-h{HERE}", "-ugiamsat"]
            words += [f"-P{there.port}", "-e", "SELECT 1"]
        with heard(there.port) as work:
            assert all(call(words, "right") for _ in range(CALLS))
        with heard(there.port) as guesses:
            assert not any(call(words, "wrong") for _ in range(CALLS))

    for name, frames, expected in (("work", work, set()), ("guesses", guesses, {("bruteforce", HERE)})):
        both = as_if(frames, there.port, usual)
        sides = {
            "both": [(at, raw) for at, raw, _ in both],
            "server": [(at, raw) for at, raw, by_server in both if by_server],
            "client": [(at, raw) for at, raw, by_server in both if not by_server],
        }
        for side, seen in sides.items():
            assert classes(pcap(tmp_path / "x", seen)) == expected, f"{name} seen by {side}"
