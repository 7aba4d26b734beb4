# SPDX-License-Identifier: Apache-2.0
"""Messages of OpenSSH's server: logins accepted and failed.

Every failed attempt is counted once. sshd tells of some twice (a PAM error and then the failed method) and of some
only by the connection's end: it hides the first failed keys of a known user (auth.c, auth_log), and when it takes
keys only, a password guesser never gets to an attempt. An unknown user is announced before the first attempt, and may
leave without one. So what was counted of a connection is remembered.

The peer's address is read from the end of the message, which sshd writes; the user's name before it is the peer's.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from giamsat_agent.address import plain
from giamsat_agent.log import Entry
from giamsat_agent.message import FAILURE, SUCCESS, Meaning
from giamsat_agent.ssh_peer import Peer, leaver, named, of_words, peer_before_port, peer_of_known
from giamsat_wire.record import FieldValue

PROGRAMS: Final = ("sshd", "sshd-session", "sshd-auth")
CONNECTIONS_MOST: Final = 4_096
"""Connections remembered; the longest silent is forgotten first, at the price of one attempt counted twice."""

_MAXIMUM: Final = "maximum authentication attempts exceeded for "
_RETRIES: Final = "PAM: Have exhausted maximum number of retries for service for "
_ROOT_REFUSED: Final = "ROOT LOGIN REFUSED FROM "
_TIMEOUT: Final = "Timeout before authentication for "
_BROKEN: Final = "ssh_dispatch_run_fatal: Connection from "
_JUNOS: Final = "SSHD_LOGIN_FAILED: "
_JUNOS_USER: Final = "Login failed for user '"
_HELD: Final = "timeout before authentication"
_SERVED: Final = re.compile(rf"{_TIMEOUT}connection from (\S{{1,64}}+) to [^\s,]{{1,64}}+, pid = (\d{{1,10}}+)")


@dataclass(slots=True)
class Connection:
    """What was counted of one connection.

    `announced`: an unknown user was counted whose first attempt is still to be told; `errors`: PAM errors were counted
    whose failed method is still to be told; `unsummed`: attempts were counted that Junos is still to sum up; `summed`:
    what Junos summed up was counted, and sshd's own message is still to come.
    """

    port: int | None
    counted: bool = False
    announced: bool = False
    errors: int = 0
    unsummed: int = 0
    summed: int = 0


class Sshd:
    """Understands sshd."""

    def __init__(self) -> None:
        self._connections: dict[int, Connection] = {}
        self._readers: dict[str, Callable[[str, int | None], Iterable[Meaning]]] = {
            "Accepted": self._accepted,
            "Connection": self._left,
            "Disconnected": self._left,
            "Disconnecting": self._left,
            "Failed": self._failed,
            "Invalid": self._announced,
            "Login": self._summed_up,
            "ROOT": self._root_refused,
            "SSHD_LOGIN_FAILED:": self._summed_up,
            "PAM:": self._pam_error,
            "Timeout": self._timed_out,
            "User": self._not_allowed,
            "maximum": self._exceeded,
            "ssh_dispatch_run_fatal:": self._broken,
        }

    def parse(self, entry: Entry) -> Iterable[Meaning]:
        """What one message says happened."""
        text = entry.text.removesuffix(" [preauth]").removeprefix("error: ").removeprefix("fatal: ")
        reader = self._readers.get(text.partition(" ")[0])
        return reader(text, entry.pid) if reader else ()

    def _accepted(self, text: str, pid: int | None) -> Iterable[Meaning]:
        _, method, rest = _method(text)
        peer = peer_of_known(rest)
        if peer is None:
            return ()
        self._connections.pop(pid or 0, None)
        return (Meaning("user-login", {"event.outcome": SUCCESS, **_fields(peer, method), **_key(rest)}),)

    def _announced(self, text: str, pid: int | None) -> Iterable[Meaning]:
        peer = peer_before_port(text.removeprefix("Invalid user "), known=False)
        if peer is None or pid is None:
            return ()
        connection = self._connection(pid, peer)
        connection.counted = connection.announced = True
        return _told(connection, _failure(peer))

    def _not_allowed(self, text: str, pid: int | None) -> Iterable[Meaning]:
        """`User NAME from HOST not allowed because …`: an account that may not log in, before its first attempt."""
        who, found, _ = text.removeprefix("User ").partition(" not allowed because ")
        words = who.split(" ")
        if not found or len(words) != 3 or words[1] != "from":  # noqa: PLR2004 - NAME from HOST
            return ()
        return self._refused(Peer(words[0], known=True, host=words[2]), pid, "account not allowed")

    def _root_refused(self, text: str, pid: int | None) -> Iterable[Meaning]:
        """`ROOT LOGIN REFUSED FROM ADDRESS[ port N]`, before the attempt itself is told."""
        peer, found = text.removeprefix(_ROOT_REFUSED), text.startswith(_ROOT_REFUSED)
        known = peer_before_port(f"root from {peer}", known=False) if found else None
        return () if known is None else self._refused(replace(known, known=True), pid, "root may not log in")

    def _refused(self, peer: Peer, pid: int | None, reason: str) -> Iterable[Meaning]:
        connection = self._connection(pid, peer)
        if connection.announced:
            return ()
        connection.counted = connection.announced = True
        return _told(connection, _failure(peer, reason=reason))

    def _failed(self, text: str, pid: int | None) -> Iterable[Meaning]:
        _, method, rest = _method(text)
        # "none" is how a client asks which methods there are; it is no attempt.
        if not method or method == "none":
            return ()
        peer = named(rest)
        connection = self._connection(pid, peer)
        connection.counted = True
        if connection.errors and method == "keyboard-interactive/pam":
            connection.errors = 0
            return ()
        if connection.announced:
            connection.announced = False
            return ()
        return _told(connection, _failure(peer, method=method))

    def _pam_error(self, text: str, pid: int | None) -> Iterable[Meaning]:
        rest = text.removeprefix(_RETRIES) if text.startswith(_RETRIES) else text.partition(" for ")[2]
        user, found, host = rest.rpartition(" from ")
        host = host.partition(" via ")[0]
        if not found or " " in host:
            return ()
        known = not user.startswith("illegal user ")
        connection = self._connection(pid, None)
        connection.counted = True
        connection.errors += 1
        if connection.announced:
            connection.announced = False
            return ()
        peer = Peer(user.removeprefix("illegal user "), known, host)
        return _told(connection, _failure(peer, method="keyboard-interactive/pam"))

    def _summed_up(self, text: str, pid: int | None) -> Iterable[Meaning]:
        """`Login failed for user 'NAME' from host 'ADDRESS'`: Junos says so beside sshd's own message, or alone."""
        rest = text.removeprefix(_JUNOS)
        user, found, host = rest.removeprefix(_JUNOS_USER).rpartition("' from host '")
        if not (found and rest.startswith(_JUNOS_USER) and host.endswith("'")):
            return ()
        connection = self._connection(pid, None)
        connection.counted = True
        if connection.unsummed:
            connection.unsummed -= 1
            return ()
        connection.summed += 1
        return (_failure(Peer(user, known=True, host=host.rstrip("'"))),)

    def _exceeded(self, text: str, pid: int | None) -> Iterable[Meaning]:
        known = text.startswith(_MAXIMUM)
        return self._ended(named(text.removeprefix(_MAXIMUM)) if known else None, pid, "too many attempts")

    def _left(self, text: str, pid: int | None) -> Iterable[Meaning]:
        return self._ended(leaver(text), pid, "left without logging in")

    def _timed_out(self, text: str, pid: int | None) -> Iterable[Meaning]:
        """`Timeout before authentication for ADDRESS port N`: a connection held open without an attempt.

        Since OpenSSH 9.8 the process that listens tells it, of the process that served the connection and is no more.
        """
        if (served := _SERVED.match(text)) is not None:
            told = self._unnamed(Peer("", known=True, host=served[1]), int(served[2]), _HELD)
            self._connections.pop(int(served[2]), None)
            return told
        return self._nameless(text.removeprefix(_TIMEOUT) if text.startswith(_TIMEOUT) else "", pid, _HELD)

    def _broken(self, text: str, pid: int | None) -> Iterable[Meaning]:
        """`ssh_dispatch_run_fatal: Connection from ADDRESS port N: REASON`: a peer that breaks the protocol."""
        peer, _, reason = text.removeprefix(_BROKEN).partition(": ")
        return self._nameless(peer if text.startswith(_BROKEN) else "", pid, reason)

    def _nameless(self, peer: str, pid: int | None, reason: str) -> Iterable[Meaning]:
        """The end of a connection of `ADDRESS port N` that named no user."""
        words = peer.split(" ")
        if len(words) != 3:  # noqa: PLR2004 - ADDRESS port N
            return ()
        known = of_words("", known=True, host=words[0], port_word=words[1], port=words[2])
        return self._unnamed(known, pid, reason)

    def _unnamed(self, peer: Peer | None, pid: int | None, reason: str) -> Iterable[Meaning]:
        for meaning in self._ended(peer, pid, reason):
            fields = {name: value for name, value in meaning.fields.items() if name != "user.name"}
            return (Meaning(meaning.kind, fields),)
        return ()

    def _ended(self, peer: Peer | None, pid: int | None, reason: str) -> Iterable[Meaning]:
        if peer is None or pid is None:
            return ()
        connection = self._connection(pid, peer)
        if connection.counted:
            return ()
        connection.counted = True
        return (_failure(peer, reason=reason),)

    def _connection(self, pid: int | None, peer: Peer | None) -> Connection:
        """The connection a process serves; another port of the peer means that the number came to a new process."""
        port = peer.port if peer else None
        if pid is None:
            return Connection(port)
        held = self._connections.pop(pid, None)
        if held is None or (port and held.port and port != held.port):
            held = Connection(port)
        held.port = held.port or port
        if len(self._connections) >= CONNECTIONS_MOST:
            del self._connections[next(iter(self._connections))]
        self._connections[pid] = held
        return held


def _told(connection: Connection, failure: Meaning) -> Iterable[Meaning]:
    """An attempt in sshd's own words: news, unless Junos summed it up before."""
    if connection.summed:
        connection.summed -= 1
        return ()
    connection.unsummed += 1
    return (failure,)


def _method(text: str) -> tuple[str, str, str]:
    """`Failed METHOD for REST` taken apart; empty texts when it is something else."""
    words = text.split(" ", 3)
    return (words[0], words[1], words[3]) if len(words) == 4 and words[2] == "for" else ("", "", "")  # noqa: PLR2004 - words of the form


def _failure(peer: Peer | None, *, method: str = "", reason: str = "") -> Meaning:
    fields: dict[str, FieldValue] = {"event.outcome": FAILURE}
    if peer is not None:
        reason = reason or ("" if peer.known else "invalid user")
        fields |= _fields(peer, method)
    if reason:
        fields["event.reason"] = reason
    return Meaning("user-login", fields)


def _fields(peer: Peer, method: str) -> dict[str, FieldValue]:
    fields: dict[str, FieldValue] = {"user.name": peer.user}
    if method:
        fields["system.auth.ssh.method"] = method
    if (address := plain(peer.host)) is not None:
        fields["source.ip"] = address
    elif peer.host:
        fields["source.domain"] = peer.host
    if peer.port is not None:
        fields["source.port"] = peer.port
    return fields


def _key(rest: str) -> dict[str, FieldValue]:
    """The fingerprint of the key that was accepted."""
    words = rest.partition(" ssh2: ")[2].split(" ", 2)
    return {"system.auth.ssh.signature": " ".join(words[:2])} if len(words) > 1 else {}
