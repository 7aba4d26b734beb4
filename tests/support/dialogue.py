# SPDX-License-Identifier: Apache-2.0
"""What real programs say to each other over loopback, turn by turn: (from the client?, bytes)."""

import contextlib
import ftplib
import imaplib
import poplib
import re
import select
import smtplib
import socket
import threading

WITHIN_S = 60
HUNG_UP = (OSError, EOFError, ftplib.Error, poplib.error_proto, imaplib.IMAP4.error, smtplib.SMTPException)


def answered(client, *answers):
    """Run `client` with the port of a server that greets it with the first answer, and gives one for each turn of its.

    An answer may be made of what the client said.
    """
    turns: list[tuple[bool, bytes]] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(WITHIN_S)

        def serve():
            peer, _ = listener.accept()
            peer.settimeout(WITHIN_S)
            with peer:
                for number, answer in enumerate(answers):
                    said = _said(peer) if number else b""
                    told = answer(said) if callable(answer) else answer
                    turns.extend(((True, said), (False, told)))
                    peer.sendall(told)

        _beside(serve, lambda: client(listener.getsockname()[1]))
    return [turn for turn in turns if turn[1]]


def relayed(client, port):
    """Run `client` with a port behind which the server at `port` answers."""
    turns: list[tuple[bool, bytes]] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(WITHIN_S)

        def serve():
            peer, _ = listener.accept()
            with peer, socket.create_connection(("127.0.0.1", port)) as server:
                while True:
                    for end in select.select([peer, server], [], [], WITHIN_S)[0]:
                        said = end.recv(1 << 16)
                        if not said:
                            return
                        turns.append((end is peer, said))
                        (server if end is peer else peer).sendall(said)

        _beside(serve, lambda: client(listener.getsockname()[1]))
    return turns


def datagrams(client, answer):
    """Run `client` with the port of a server that makes its answer of each datagram; one answered ends it."""
    turns: list[tuple[bool, bytes]] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.bind(("127.0.0.1", 0))
        here.settimeout(WITHIN_S)

        def serve():
            said, peer = here.recvfrom(1 << 16)
            turns.append((True, said))
            if (answer_ := answer(said)) is not None:
                turns.append((False, answer_))
                here.sendto(answer_, peer)

        _beside(serve, lambda: client(here.getsockname()[1]))
    return turns


def _beside(serve, client):
    server = threading.Thread(target=serve, daemon=True)
    server.start()
    # What a client makes of a server that hangs up is not what is looked at.
    with contextlib.suppress(*HUNG_UP):
        client()
    server.join(2 * WITHIN_S)
    assert not server.is_alive()


def _said(peer):
    said = peer.recv(1 << 16)
    while not _waits(said) and (more := peer.recv(1 << 16)):
        said += more
    return said


def _waits(said):
    """Whether one who said so waits for an answer: a line, a request of HTTP with its body, a message of LDAP."""
    head, ended, body = said.partition(b"\r\n\r\n")
    if b" HTTP/1." in head:
        length = re.search(rb"(?i)content-length: (\d+)", head)
        return bool(ended) and len(body) >= int(length[1] if length else 0)
    if said.startswith(b"0"):
        return len(said) >= 2 and len(said) >= 2 + said[1]
    return said.endswith(b"\n")
