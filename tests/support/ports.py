# SPDX-License-Identifier: Apache-2.0
"""Ports that nobody listens on."""

import itertools
import os
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache

OURS = range(29_000, 32_768)
"""Below those the kernel gives to clients and to whoever asks for any: else another test might be given one of these
before who it is meant for listens there."""
PROCESSES = 4


def free_ports(count: int) -> list[int]:
    """As many different ports of 127.0.0.1, of TCP and UDP, that were free a moment ago.

    Each process that shares the tests draws from ports of its own, and none again before it has drawn all the others:
    one that nobody listens on yet is not given to another meanwhile.
    """
    return list(itertools.islice(filter(_is_free, _drawn()), count))


@cache
def _drawn() -> Iterator[int]:
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % PROCESSES
    its = OURS[process::PROCESSES]
    return itertools.cycle(random.SystemRandom().sample(its, len(its)))


def _is_free(port: int) -> bool:
    with ExitStack() as held:
        try:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                held.enter_context(socket.socket(type=kind)).bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
