# SPDX-License-Identifier: Apache-2.0
"""Passwords: what is asked of one, and how it is kept (Argon2id)."""

import asyncio
import base64
import secrets
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

SHORTEST: Final = 14
LONGEST: Final = 256
FEWEST_DIFFERENT: Final = 6
"""Different characters a password must have, so that length is not made of one key."""
NAME_FROM: Final = 4
"""Letters from which on a name must not stand in a password: shorter ones, such as 'an', stand in many sentences."""
AT_ONCE: Final = 2
"""Hashes computed at the same time: each takes 64 MiB, so a flood of logins waits instead of using up the memory."""


def weakness(password: str, user: str) -> str | None:
    """Why a password is not good enough, in the console's source language; None when it is."""
    if len(password) < SHORTEST:
        return "Mật khẩu cần ít nhất 14 ký tự; một câu dài dễ nhớ là tốt nhất."
    if len(password) > LONGEST:
        return "Mật khẩu dài quá 256 ký tự."
    if len(set(password)) < FEWEST_DIFFERENT:
        return "Mật khẩu lặp lại quá ít ký tự khác nhau."
    if len(user) >= NAME_FROM and user.lower() in password.lower():
        return "Mật khẩu không được chứa tên đăng nhập."
    return None


class Passwords:
    """Makes and checks password hashes beside the event loop, a few at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = _of_nobody(self._hasher)
        self._turns = asyncio.Semaphore(AT_ONCE)

    def kept(self, password: str) -> str:
        """What is kept of a password; takes about 50 ms."""
        return self._hasher.hash(_same(password))

    async def keep(self, password: str) -> str:
        """What is kept of a password, made beside the event loop."""
        async with self._turns:
            return await asyncio.to_thread(self.kept, password)

    async def match(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one kept; as slow for a user who does not exist (None)."""
        if len(password) > LONGEST:
            return False
        async with self._turns:
            right = await asyncio.to_thread(self._matches, kept or self._nobody, password)
        return right and kept is not None

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, _same(password))
        except (VerificationError, InvalidHashError):
            return False


def _of_nobody(hasher: PasswordHasher) -> str:
    """What could be kept of a password and is of none: a hash drawn, not computed, and as slow to check as any."""
    salt, drawn = (
        base64.b64encode(secrets.token_bytes(length)).rstrip(b"=").decode()
        for length in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2{hasher.type.name.lower()}$v={ARGON2_VERSION}${cost}${salt}${drawn}"


def _same(password: str) -> bytes:
    """The bytes of a password, whichever way the keyboard composes Vietnamese letters."""
    return unicodedata.normalize("NFC", password).encode()
