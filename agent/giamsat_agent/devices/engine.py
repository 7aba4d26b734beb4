# SPDX-License-Identifier: Apache-2.0
"""The engine this agent is to those who send it INFORMs of SNMPv3: the authoritative one (RFC 3414, section 3.2).

Who informs asks for the engine and its clock first, then sends and waits for the response. The engine's name stays the
same for ever and its number of starts only grows, as some devices are configured with the name. What is not accepted
is answered with the report that says why, which tells a sender no more than RFC 3414 has it told.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from giamsat_agent.devices import ber, encode, usm, v3_message
from giamsat_agent.devices.ber import BerError
from giamsat_agent.devices.credential import User
from giamsat_agent.devices.trap import INFORM, RESPONSE
from giamsat_agent.devices.v3_message import AUTHENTICATED, Keys, Message, SecurityError
from giamsat_agent.devices.v3_trap import WINDOW_S, Opened, Users
from giamsat_wire import durable

FILE: Final = "snmp-engine.json"
PREFIX: Final = bytes.fromhex("80007ed905")
"""RFC 3411, SnmpEngineID: the enterprise number that RFC 5612 keeps free for such uses, then bytes of one's own."""
OWN_BYTES: Final = 8
BOOTS_MOST: Final = (1 << 31) - 2
COUNTER32: Final = ber.COUNTER32
REPORTS: Final = {
    "discovery": usm.UNKNOWN_ENGINE,
    "unknown_user": usm.UNKNOWN_USER,
    "unsigned": usm.UNSUPPORTED_LEVEL,
    "wrong_digest": usm.WRONG_DIGEST,
    "outside_time_window": usm.NOT_IN_TIME_WINDOW,
    "undecryptable": usm.DECRYPTION_ERROR,
}


class Engine:
    """Takes INFORMs of these users."""

    def __init__(self, users: Users, name: bytes, boots: int, *, began_ns: int, draw: Callable[[int], bytes]) -> None:
        """`draw` gives as many random bytes as it is asked for; `began_ns` is the monotonic clock's."""
        self.name = name
        self._users = users
        self._boots = boots
        self._began_ns = began_ns
        self._draw = draw
        self._reported = dict.fromkeys(REPORTS, 0)
        self._keys: dict[str, Keys] = {}

    def take(self, message: Message, *, mono_ns: int) -> tuple[Opened, bytes]:
        """An INFORM, and the response to it.

        Raises:
            SecurityError: it is not accepted; the error holds the report that says why.
            BerError: it is no INFORM.
        """
        clock = (self._boots, (mono_ns - self._began_ns) // 1_000_000_000)
        try:
            user, keys, scoped = self._accepted(message, clock)
        except SecurityError as error:
            reply = self._report(message, error.outcome, clock)
            raise SecurityError(error.outcome, str(error), reply) from error
        found = v3_message.pdu(scoped)
        if found.tag != INFORM:
            raise BerError(f"no INFORM: message {found.tag:#x}")
        answered = _retagged(scoped)
        reply = v3_message.made(
            message.number,
            answered,
            engine=self.name,
            clock=clock,
            user=user,
            keys=keys,
            salt=self._draw(v3_message.SALT),
        )
        return Opened(found, user.name, authenticated=bool(keys.signing)), reply

    def _accepted(self, message: Message, clock: tuple[int, int]) -> tuple[User, Keys, bytes]:
        """Whose it is, with which keys, and the scoped message in it."""
        if message.engine != self.name:
            raise SecurityError("discovery", "it is for another engine, or asks for the name of this one")
        user = self._users.user(message.user)
        if not user.authentication:
            return user, Keys(), message.content
        if not message.flags & AUTHENTICATED:
            raise SecurityError("unsigned", f"user {user.name!r} signs, this is not signed")
        keys = self._keys.setdefault(user.name, self._keys.get(user.name) or self._users.keys(user, self.name))
        message.check(keys.signing, user.authentication)
        if message.boots != clock[0] or abs(message.time - clock[1]) > WINDOW_S:
            raise SecurityError("outside_time_window", f"user {user.name!r}: it does not know this engine's clock")
        return user, keys, message.opened(keys.sealing, user.privacy) if user.privacy else message.content

    def _report(self, message: Message, outcome: str, clock: tuple[int, int]) -> bytes:
        """Signed only where the signature was right: of the time, which the sender has to believe."""
        self._reported[outcome] += 1
        counter = encode.value(COUNTER32, self._reported[outcome].to_bytes(5))
        told = encode.sequence(encode.sequence(encode.identifier(REPORTS[outcome]), counter))
        content = encode.number(_request(message)) + encode.number(0) + encode.number(0) + told
        scoped = encode.sequence(encode.octets(self.name), encode.octets(b""), encode.value(usm.REPORT, content))
        user, keys = User(message.user if message.engine else ""), Keys()
        if outcome == "outside_time_window":
            user, keys = self._users.user(message.user), Keys(self._keys[message.user].signing)
        return v3_message.made(message.number, scoped, engine=self.name, clock=clock, user=user, keys=keys, salt=b"")


def opened(folder: Path, draw: Callable[[int], bytes]) -> tuple[bytes, int]:
    """The engine's name and how often it began, this time included; kept in a folder.

    A folder that cannot be written makes another engine each time, as its clock could not be believed otherwise.
    """
    name, boots = kept(folder) or (PREFIX + draw(OWN_BYTES), 0)
    try:
        durable.replace(folder / FILE, json.dumps({"engine": name.hex(), "boots": boots + 1}).encode())
    except OSError:
        return PREFIX + draw(OWN_BYTES), 1
    return name, boots + 1


def kept(folder: Path) -> tuple[bytes, int] | None:
    """The name and the starts that stand in a folder; None when nothing that can be believed does."""
    try:
        said = json.loads((folder / FILE).read_text(encoding="ascii"))
        name, boots = bytes.fromhex(said["engine"]), int(said["boots"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = name.startswith(PREFIX) and len(name) == len(PREFIX) + OWN_BYTES and 0 <= boots < BOOTS_MOST
    return (name, boots) if whole else None


def _request(message: Message) -> int:
    """The number of the request inside, where it can be read."""
    if message.flags & v3_message.ENCRYPTED:
        return 0
    try:
        number = ber.number(ber.element(v3_message.pdu(message.content).content))
    except BerError:
        return 0
    return number if 0 <= number < 1 << 31 else 0


def _retagged(scoped: bytes) -> bytes:
    """The scoped message with its INFORM as the response to it (RFC 3416, section 4.2.7)."""
    outer = ber.element(scoped)
    engine, name, found = ber.elements(outer.content)
    del engine
    at = outer.end - len(outer.content) + name.end
    return scoped[:at] + bytes([RESPONSE]) + scoped[at + 1 : at + found.end - name.end]
