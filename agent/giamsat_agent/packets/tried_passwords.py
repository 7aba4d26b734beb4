# SPDX-License-Identifier: Apache-2.0
"""Passwords by user, client and server: another one for the same user shows that the one before was in vain.

So guessing shows where answers are not seen, or say in the words of some language that it was wrong.
"""

from dataclasses import dataclass, field
from typing import Final

from giamsat_agent.packets.detector import Room, Table
from giamsat_agent.packets.payloads.forms import Tried

USERS: Final = 2_048
PASSWORDS: Final = 32
"""Passwords of one user that are kept, by their hashes: 6 MB for all."""

Key = tuple[int, ...]


@dataclass(slots=True)
class _User:
    """What was tried for a user; `open` of it nobody has judged yet, `right` is what let it in, 0 if nothing did.

    `mistyped`: something was in vain since it was let in.
    """

    passwords: dict[int, bool] = field(default_factory=dict)
    open: int = 0
    right: int = 0
    mistyped: bool = False


class Tries:
    """Users by the client and the server that they are tried at, and by a hash, which is keyed, of their name."""

    def __init__(self, room: Room) -> None:
        self._users: Table[Key, _User] = room.table(USERS)

    def add(self, key: Key, tried: Tried) -> tuple[bool, bool]:
        """A password is tried for a user: whether it is a new one, and so shows that the one before was in vain."""
        user = self._users.get(key) or self._users.put(key, _User())
        password = hash(tried.password)
        new = password not in user.passwords
        in_vain = new and tried.shows and bool(user.passwords) and user.open > 0
        user.passwords[password] = True
        if len(user.passwords) > PASSWORDS:
            del user.passwords[next(iter(user.passwords))]
        user.open += not in_vain
        user.mistyped |= in_vain
        return new, in_vain

    def refused(self, key: Key) -> bool:
        """The server refuses a password of a user: whether that was not known yet."""
        user = self._users.get(key)
        if user is None or not user.open:
            return False
        user.open -= 1
        user.mistyped = True
        return True

    def let_in(self, key: Key, password: int) -> bool:
        """The server lets a user in: whether what was refused last was this user's, who mistyped.

        Who is let in with whatever password is not let in; and others that are let in excuse nobody.
        """
        user = self._users.get(key)
        if user is None or user.right not in {0, password}:
            return False
        mistyped, user.right, user.open, user.mistyped = user.mistyped, password, 0, False
        return mistyped
