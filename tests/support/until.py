# SPDX-License-Identifier: Apache-2.0
"""Waits for a real program to be ready, and says what it did instead."""

import socket
import time
from contextlib import suppress

from support.patience import Patience

LIMIT_S = 60


def listening(port, process, host="127.0.0.1"):
    """Return once somebody takes connections on a TCP port; fail when the process ends or time is over."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        assert process.poll() is None, f"{process.args[0]} ended with {process.returncode}"
        with socket.socket() as tried:
            if tried.connect_ex((host, port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"{process.args[0]} does not listen on {port}")


def listening_udp(port, process):
    """The same of UDP on loopback: a datagram to a closed port is refused at the next send."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        assert process.poll() is None, f"{process.args[0]} ended with {process.returncode}"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried, suppress(ConnectionRefusedError):
            tried.connect(("127.0.0.1", port))
            tried.send(b"?")
            time.sleep(0.05)
            tried.send(b"?")
            return
        time.sleep(0.05)
    raise AssertionError(f"{process.args[0]} does not listen on {port}")


def holds(claim, seconds, what):
    """Return once the claim holds; fail when it has not within so many seconds of a machine that had time for it."""
    patience = Patience(seconds)
    while not claim():
        assert patience.lasts(), f"after {seconds} s it is not so: {what}"
        time.sleep(0.02)
