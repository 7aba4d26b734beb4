# SPDX-License-Identifier: Apache-2.0
"""A service that refuses every login and hangs up, as FTP (RFC 959) does: it costs next to nothing."""

import contextlib
import socket
import threading


@contextlib.contextmanager
def ftp(address):
    """It listens at (address, port), in the network this thread is in."""
    with socket.create_server(address, backlog=128) as listener:
        threading.Thread(target=_serve, args=(listener,), daemon=True).start()
        yield


def _serve(listener):
    with contextlib.suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_refuse, args=(client,), daemon=True).start()


def _refuse(client):
    with client, contextlib.suppress(OSError):
        client.sendall(b"220 ready\r\n")
        for answer in (b"331 password\r\n", b"530 no\r\n"):
            if not client.recv(512):
                return
            client.sendall(answer)
