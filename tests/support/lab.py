# SPDX-License-Identifier: Apache-2.0
"""A network of our own for the time of a test: two namespaces with a cable between them."""

import contextlib
import ctypes
import os
import socket
import subprocess
from contextlib import contextmanager

CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


class Pair:
    """Two hosts: `here` with the interface `watched`, and `there` behind the other end of its cable."""

    watched, other = "gs0", "gs1"
    address, there_address = "10.9.0.2", "10.9.0.1"

    def __init__(self, name):
        self.here, self.there = f"gs-{name}-a", f"gs-{name}-b"

    def run(self, host, *words, **keywords):
        """Run a program on one of the hosts."""
        return subprocess.run(["ip", "netns", "exec", host, *words], check=True, timeout=60, **keywords)

    def within(self, host):
        """Words that start a program on one of the hosts."""
        return ("ip", "netns", "exec", host)

    @contextmanager
    def inside(self, host=None):
        """This thread is on a host."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        _enter(f"/run/netns/{host or self.here}")
        try:
            yield
        finally:
            _setns(before)
            os.close(before)

    def send(self, frames):
        """Put frames on the cable at the other end, as they are."""
        with self.inside(self.there), socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as line:
            line.bind((self.other, 0))
            for frame in frames:
                line.send(frame)


@contextmanager
def lab():
    """Make the network, and unmake it."""
    pair = Pair(f"{os.getpid()}")
    with contextlib.ExitStack() as stack:
        for host in (pair.here, pair.there):
            _ip("netns", "add", host)
            stack.callback(_ip, "netns", "delete", host)
            _ip("-n", host, "link", "set", "lo", "up")
        _ip(
            "-n",
            pair.here,
            "link",
            "add",
            pair.watched,
            "type",
            "veth",
            "peer",
            "name",
            pair.other,
            "netns",
            pair.there,
        )
        for host, interface, address in (
            (pair.here, pair.watched, pair.address),
            (pair.there, pair.other, pair.there_address),
        ):
            _ip("-n", host, "address", "add", f"{address}/24", "dev", interface)
            _ip("-n", host, "link", "set", interface, "up")
        yield pair


def _ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _enter(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        _setns(descriptor)
    finally:
        os.close(descriptor)


def _setns(descriptor):
    if _LIBC.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
