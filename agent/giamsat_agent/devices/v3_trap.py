# SPDX-License-Identifier: Apache-2.0
"""Opens traps of SNMPv3: who signed it, whether the signature is right, what it says.

Keys are made for each engine that notifies, the slow part of it once at the start; at most ENGINES are remembered. A
trap is taken only within the time window of its engine, so that a recorded one cannot be played again much later.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent.devices import v3_message
from giamsat_agent.devices.ber import BerError, Element
from giamsat_agent.devices.credential import User
from giamsat_agent.devices.v3_message import AUTHENTICATED, Keys, Message, SecurityError

ENGINES: Final = 256
WINDOW_S: Final = 150
"""RFC 3414, section 2.2.3."""
ENGINE_BYTES: Final = range(5, 33)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a message says and who says so. `pdu` is the notification."""

    pdu: Element
    user: str
    authenticated: bool


@dataclass(slots=True)
class _Engine:
    """One sender: the latest it said of its clock, and the keys made for it."""

    boots: int = 0
    time: int = 0
    keys: dict[str, Keys] = field(default_factory=dict)


class Users:
    """Those who may notify."""

    def __init__(self, users: Iterable[User]) -> None:
        self._users = {user.name: user for user in users}
        self._whole = {name: v3_message.whole_keys(user) for name, user in self._users.items()}
        self._engines: OrderedDict[bytes, _Engine] = OrderedDict()

    def user(self, name: str) -> User:
        """Who is called so.

        Raises:
            SecurityError: nobody is.
        """
        if name not in self._users:
            raise SecurityError("unknown_user", f"user {name!r} is not configured")
        return self._users[name]

    def keys(self, user: User, engine: bytes) -> Keys:
        """A user's keys for an engine."""
        return v3_message.keys_of(user, self._whole[user.name], engine)

    def open(self, message: Message) -> Opened:
        """Check a trap and take its content out.

        Raises:
            SecurityError: it is not accepted: unknown_user, wrong_digest, unsigned, outside_time_window, undecryptable.
            BerError: it is no message of SNMPv3.
        """
        user, engine = self.user(message.user), message.engine
        if len(engine) not in ENGINE_BYTES:
            raise BerError(f"an engine of {len(engine)} bytes")
        if not user.authentication:
            return Opened(v3_message.pdu(message.content), user.name, authenticated=False)
        if not message.flags & AUTHENTICATED:
            raise SecurityError("unsigned", f"user {user.name!r} signs, this is not signed")
        known = self._engines.get(engine) or _Engine()
        keys = known.keys.get(user.name) or self.keys(user, engine)
        message.check(keys.signing, user.authentication)
        if message.boots < known.boots or (message.boots == known.boots and message.time < known.time - WINDOW_S):
            raise SecurityError("outside_time_window", f"user {user.name!r}: the message is too old")
        self._remember(message, known, {**known.keys, user.name: keys})
        scoped = message.opened(keys.sealing, user.privacy) if user.privacy else message.content
        return Opened(v3_message.pdu(scoped), user.name, authenticated=True)

    def _remember(self, message: Message, known: _Engine, keys: dict[str, Keys]) -> None:
        if message.engine not in self._engines and len(self._engines) >= ENGINES:
            self._engines.popitem(last=False)
        later = max((known.boots, known.time), (message.boots, message.time))
        self._engines[message.engine] = _Engine(*later, keys)
        self._engines.move_to_end(message.engine)
