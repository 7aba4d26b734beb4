# SPDX-License-Identifier: Apache-2.0
"""Connections that begin to speak TLS and say no more, held by a process of their own: `half_open.py PORT COUNT`.

It says "open" when all are, and then how many the other end has closed, and after how many seconds the last one.
"""

import contextlib
import resource
import selectors
import socket
import sys
import time

HELLO = bytes.fromhex("16030102")
"""A record of a handshake; what it holds never comes."""
GIVES_UP_S = 120


def main(port, count):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with contextlib.ExitStack() as held, selectors.DefaultSelector() as waiting:
        for _ in range(count):
            line = held.enter_context(socket.create_connection(("127.0.0.1", port)))
            line.sendall(HELLO)
            waiting.register(line, selectors.EVENT_READ, line)
        say("open")
        began = last = time.monotonic()
        while waiting.get_map() and time.monotonic() - began < GIVES_UP_S:
            for ready, _ in waiting.select(1):
                with contextlib.suppress(ConnectionError):
                    if ready.data.recv(100):
                        continue
                waiting.unregister(ready.fileobj)
                last = time.monotonic()
        say(f"{count - len(waiting.get_map())} {last - began}")


def say(words):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
