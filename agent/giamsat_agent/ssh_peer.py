# SPDX-License-Identifier: Apache-2.0
"""The peer of a message of OpenSSH's server, read from the end of the message, which the server wrote.

The user's name before it is the peer's, and may look like an address and a port itself.
"""

from dataclasses import dataclass
from typing import Final

from giamsat_agent.address import plain

INVALID: Final = "invalid user "
_ENDINGS: Final = ("Connection closed by ", "Connection reset by ", "Disconnected from ", "Disconnecting ")
_TOO_MANY: Final = ": Too many authentication failures"
_CHANGED: Final = ": Change of username or service not allowed: ("
_PORTS: Final = 65_536


@dataclass(frozen=True, slots=True)
class Peer:
    """Who tried, from where; `host` is an address or, in PAM errors, perhaps a name."""

    user: str
    known: bool
    host: str = ""
    port: int | None = None


def named(rest: str) -> Peer | None:
    """The peer of `[invalid user ]NAME from ADDRESS port N ssh2…`."""
    if not rest.startswith(INVALID):
        return peer_of_known(rest)
    rest = rest.removeprefix(INVALID)
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
    return of_words(user, known=known, host=words[0], port_word=words[1], port=words[2])


def leaver(text: str) -> Peer | None:
    """The peer of `Connection closed by (invalid|authenticating) user NAME ADDRESS port N` and its like."""
    text = text.removesuffix(_TOO_MANY)
    if text.count(_CHANGED) == 1:  # names stand on both sides of it
        text = text.partition(_CHANGED)[0]
    ending = next((ending for ending in _ENDINGS if text.startswith(ending)), "")
    who = text.removeprefix(ending)
    known = who.startswith("authenticating user ")
    if not known and not who.startswith(INVALID):
        return None
    words = who.removeprefix("authenticating user " if known else INVALID).rsplit(" ", 3)
    if len(words) != 4:  # noqa: PLR2004 - NAME ADDRESS port N
        return None
    return of_words(words[0], known=known, host=words[1], port_word=words[2], port=words[3])


def _before_certificate(rest: str, *, known: bool) -> Peer | None:
    user, _, tail = rest.partition(" from ")
    words = tail.split(" ", 4)
    if len(words) < 4 or words[3] != "ssh2:":  # noqa: PLR2004 - ADDRESS port N ssh2:
        return None
    return of_words(user, known=known, host=words[0], port_word=words[1], port=words[2])


def of_words(user: str, *, known: bool, host: str, port_word: str, port: str) -> Peer | None:
    """The peer of `HOST port N` taken apart; None when it is something else."""
    if port_word != "port" or not (port.isascii() and port.isdecimal() and len(port) <= 5):  # noqa: PLR2004 - digits of 65535
        return None
    number = int(port)
    return Peer(user, known, host, number) if number < _PORTS and plain(host) else None
