# SPDX-License-Identifier: Apache-2.0
"""Messages of OpenSSH's server: logins accepted and failed.

Every failed attempt is counted once. sshd tells of some twice (a PAM error and then the failed method) and of some
only by the connection's end: it hides the first failed keys of a known user (auth.c, auth_log), and when it takes
keys only, a password guesser never gets to an attempt. An unknown user is announced before the first attempt, and may
leave without one. So what was counted of a connection is remembered.

The peer's address is read from the end of the message, which sshd writes; the user's name before it is the peer's.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from giamsat_agent.address import plain
from giamsat_agent.log import Entry
from giamsat_agent.message import FAILURE, SUCCESS, Meaning
from giamsat_wire.record import FieldValue

PROGRAMS: Final = ("sshd", "sshd-session", "sshd-auth")
CONNECTIONS_MOST: Final = 4_096
"""Connections remembered; the longest silent is forgotten first, at the price of one attempt counted twice."""

_ENDINGS: Final = ("Connection closed by ", "Connection reset by ", "Disconnected from ", "Disconnecting ")
_TOO_MANY: Final = ": Too many authentication failures"
_MAXIMUM: Final = "maximum authentication attempts exceeded for "
_RETRIES: Final = "PAM: Have exhausted maximum number of retries for service for "
_TIMEOUT: Final = "Timeout before authentication for "
_BROKEN: Final = "ssh_dispatch_run_fatal: Connection from "
_JUNOS: Final = "SSHD_LOGIN_FAILED: "
_JUNOS_USER: Final = "Login failed for user '"
_HELD: Final = "timeout before authentication"
_INVALID: Final = "invalid user "
_PORTS: Final = 65_536


@dataclass(frozen=True, slots=True)
class Peer:
    """Who tried, from where; `host` is an address or, in PAM errors, perhaps a name."""

    user: str
    known: bool
    host: str = ""
    port: int | None = None


@dataclass(slots=True)
class Connection:
    """What was counted of one connection.

    `announced`: an unknown user was counted whose first attempt is still to be told; `errors`: PAM errors were counted
    whose failed method is still to be told; `summed_up`: only what Junos adds to sshd's own messages was counted.
    """

    port: int | None
    counted: bool = False
    announced: bool = False
    errors: int = 0
    summed_up: bool = False


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
            "SSHD_LOGIN_FAILED:": self._summed_up,
            "PAM:": self._pam_error,
            "Timeout": self._timed_out,
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
        return (_failure(peer),)

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
        return (_failure(peer, method=method),)

    def _pam_error(self, text: str, pid: int | None) -> Iterable[Meaning]:
        rest = text.removeprefix(_RETRIES) if text.startswith(_RETRIES) else text.partition(" for ")[2]
        user, found, host = rest.rpartition(" from ")
        if not found or " " in host:
            return ()
        known = not user.startswith("illegal user ")
        connection = self._connection(pid, None)
        connection.counted = True
        connection.errors += 1
        if connection.announced:
            connection.announced = False
            return ()
        return (_failure(Peer(user.removeprefix("illegal user "), known, host), method="keyboard-interactive/pam"),)

    def _summed_up(self, text: str, pid: int | None) -> Iterable[Meaning]:
        """`Login failed for user 'NAME' from host 'ADDRESS'`: Junos says so beside sshd's own message, or alone."""
        rest = text.removeprefix(_JUNOS)
        user, found, host = rest.removeprefix(_JUNOS_USER).rpartition("' from host '")
        if not (found and rest.startswith(_JUNOS_USER) and host.endswith("'")):
            return ()
        connection = self._connection(pid, None)
        if connection.counted and not connection.summed_up:
            return ()
        connection.counted = connection.summed_up = True
        return (_failure(Peer(user, known=True, host=host.rstrip("'"))),)

    def _exceeded(self, text: str, pid: int | None) -> Iterable[Meaning]:
        known = text.startswith(_MAXIMUM)
        return self._ended(named(text.removeprefix(_MAXIMUM)) if known else None, pid, "too many attempts")

    def _left(self, text: str, pid: int | None) -> Iterable[Meaning]:
        return self._ended(leaver(text), pid, "left without logging in")

    def _timed_out(self, text: str, pid: int | None) -> Iterable[Meaning]:
        """`Timeout before authentication for ADDRESS port N`: a connection held open without an attempt."""
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
        known = _peer("", known=True, host=words[0], port_word=words[1], port=words[2])
        for meaning in self._ended(known, pid, reason):
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


def named(rest: str) -> Peer | None:
    """The peer of `[invalid user ]NAME from ADDRESS port N ssh2…`."""
    if not rest.startswith(_INVALID):
        return peer_of_known(rest)
    rest = rest.removeprefix(_INVALID)
    peer = peer_before_port(rest, known=False)
    if peer is None and rest.count(" from ") == 1:
        return _before_certificate(rest, known=False)
    return peer


def peer_of_known(rest: str) -> Peer | None:
    """The peer of `NAME from ADDRESS port N ssh2…` where NAME is an account, so that nobody could choose it freely."""
    return peer_before_port(rest, known=True) or _before_certificate(rest, known=True)


def peer_before_port(rest: str, *, known: bool) -> Peer | None:
    """The peer of `NAME from ADDRESS[ port N[ ssh2[: TYPE FINGERPRINT]]]`, read from the right.

    Before 7.4 the announcement of an unknown user had no port.
    """
    user, found, tail = rest.rpartition(" from ")
    if not found:
        return None
    words = tail.split(" ", 6)
    if len(words) == 1 and not known and plain(tail) is not None:
        return Peer(user, known, tail)
    # A certificate's identity, which its maker chose, follows as further words: the right end is not sshd's then.
    if len(words) not in {3, 4, 6} or (len(words) > 3 and words[3] not in {"ssh2", "ssh2:"}):  # noqa: PLR2004 - the words of the line above
        return None
    return _peer(user, known=known, host=words[0], port_word=words[1], port=words[2])


def leaver(text: str) -> Peer | None:
    """The peer of `Connection closed by (invalid|authenticating) user NAME ADDRESS port N` and its like."""
    text = text.removesuffix(_TOO_MANY)
    ending = next((ending for ending in _ENDINGS if text.startswith(ending)), "")
    who = text.removeprefix(ending)
    known = who.startswith("authenticating user ")
    if not known and not who.startswith(_INVALID):
        return None
    words = who.removeprefix("authenticating user " if known else _INVALID).rsplit(" ", 3)
    if len(words) != 4:  # noqa: PLR2004 - NAME ADDRESS port N
        return None
    return _peer(words[0], known=known, host=words[1], port_word=words[2], port=words[3])


def _before_certificate(rest: str, *, known: bool) -> Peer | None:
    user, _, tail = rest.partition(" from ")
    words = tail.split(" ", 4)
    if len(words) < 4 or words[3] != "ssh2:":  # noqa: PLR2004 - ADDRESS port N ssh2:
        return None
    return _peer(user, known=known, host=words[0], port_word=words[1], port=words[2])


def _peer(user: str, *, known: bool, host: str, port_word: str, port: str) -> Peer | None:
    if port_word != "port" or not (port.isascii() and port.isdecimal() and len(port) <= 5):  # noqa: PLR2004 - digits of 65535
        return None
    number = int(port)
    return Peer(user, known, host, number) if number < _PORTS and plain(host) else None


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
