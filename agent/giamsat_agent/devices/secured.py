# SPDX-License-Identifier: Apache-2.0
"""Opens a message of SNMPv3: who signed it, whether the signature is right, what it says.

The user-based security model of RFC 3414, with AES of RFC 3826 and SHA-2 of RFC 7860. Keys are made for each engine
that notifies, the slow part of it once at the start; at most ENGINES are remembered. A message is taken only within
the time window of its engine, so that a recorded one cannot be played again much later.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from giamsat_agent.devices import ber
from giamsat_agent.devices.ber import BerError, Element
from giamsat_agent.devices.credential import User

ENGINES: Final = 256
WINDOW_S: Final = 150
"""RFC 3414, section 2.2.3."""
EXPANDED: Final = 1 << 20
"""Bytes a password is expanded to (RFC 3414, A.2)."""
AUTHENTICATED, ENCRYPTED = 0x01, 0x02
BLOCK: Final = 16
SALT: Final = 8
ENGINE_BYTES: Final = range(5, 33)
DIGESTS: Final[Mapping[str, tuple[str, int]]] = {
    "MD5": ("md5", 12),
    "SHA1": ("sha1", 12),
    "SHA224": ("sha224", 16),
    "SHA256": ("sha256", 24),
    "SHA384": ("sha384", 32),
    "SHA512": ("sha512", 48),
}
"""Hash and bytes of the signature (RFC 3414, section 6; RFC 7860, section 4)."""
KEY_BYTES: Final = {"DES": 16, "AES128": 16, "AES192": 24, "AES256": 32}


class SecurityError(BerError):
    """A message is not accepted; `outcome` is what is counted."""

    def __init__(self, outcome: str, why: str) -> None:
        super().__init__(why)
        self.outcome = outcome


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
    keys: dict[str, tuple[bytes, bytes]] | None = None


class Users:
    """Those who may notify."""

    def __init__(self, users: Iterable[User]) -> None:
        self._users = {user.name: user for user in users}
        self._whole = {name: _whole(user) for name, user in self._users.items()}
        self._engines: OrderedDict[bytes, _Engine] = OrderedDict()

    def open(self, message: bytes) -> Opened:
        """Check a message and take its content out.

        Raises:
            SecurityError: it is not accepted: unknown_user, wrong_digest, unsigned, outside_time_window, undecryptable.
            BerError: it is no message of SNMPv3.
        """
        flags, security, content, place = _parts(message)
        engine, boots, time, name, signature, salt = security
        user = self._users.get(name)
        if user is None:
            raise SecurityError("unknown_user", f"user {name!r} is not configured")
        if len(engine) not in ENGINE_BYTES:
            raise BerError(f"an engine of {len(engine)} bytes")
        if not user.authentication:
            return Opened(_pdu(content), name, authenticated=False)
        if not flags & AUTHENTICATED:
            raise SecurityError("unsigned", f"user {name!r} signs, this is not signed")
        known = self._engines.get(engine) or _Engine()
        keys = (known.keys or {}).get(name) or _keys(user, self._whole[name], engine)
        _check(message, place, signature, keys[0], user.authentication)
        if boots < known.boots or (boots == known.boots and time < known.time - WINDOW_S):
            raise SecurityError("outside_time_window", f"user {name!r}: the message is too old")
        self._remember(engine, known, boots, time, {**(known.keys or {}), name: keys})
        if user.privacy:
            if not flags & ENCRYPTED or len(salt) != SALT:
                raise SecurityError("undecryptable", f"user {name!r} encrypts, this is not encrypted")
            plain = _decrypted(ber.element(content).content, keys[1], salt, user.privacy, (boots, time))
            try:
                return Opened(_pdu(plain), name, authenticated=True)
            except BerError as error:
                raise SecurityError("undecryptable", f"user {name!r}: the privacy key does not fit") from error
        return Opened(_pdu(content), name, authenticated=True)

    def _remember(
        self, engine: bytes, known: _Engine, boots: int, time: int, keys: dict[str, tuple[bytes, bytes]]
    ) -> None:
        if engine not in self._engines and len(self._engines) >= ENGINES:
            self._engines.popitem(last=False)
        later = max((known.boots, known.time), (boots, time))
        self._engines[engine] = _Engine(*later, keys)
        self._engines.move_to_end(engine)


def expanded(password: str, hashed: str) -> bytes:
    """The key of a password for all engines; slow on purpose (RFC 3414, A.2)."""
    secret = password.encode()
    return hashlib.new(hashed, (secret * (EXPANDED // len(secret) + 1))[:EXPANDED], usedforsecurity=False).digest()


def localized(whole: bytes, hashed: str, engine: bytes) -> bytes:
    """The key of one engine (RFC 3414, A.2)."""
    return hashlib.new(hashed, whole + engine + whole, usedforsecurity=False).digest()


def _whole(user: User) -> tuple[bytes, bytes]:
    hashed = DIGESTS[user.authentication][0] if user.authentication else ""
    signing, sealing = (expanded(key, hashed) if hashed and key else b"" for key in (user.auth_key, user.priv_key))
    return signing, sealing


def _keys(user: User, whole: tuple[bytes, bytes], engine: bytes) -> tuple[bytes, bytes]:
    """For signing and for encrypting; a key that is too short for its algorithm is lengthened by hashing it again."""
    hashed, _ = DIGESTS[user.authentication]
    signing = localized(whole[0], hashed, engine)
    if not user.privacy:
        return signing, b""
    sealing = localized(whole[1], hashed, engine)
    while len(sealing) < KEY_BYTES[user.privacy]:
        sealing += hashlib.new(hashed, sealing, usedforsecurity=False).digest()
    return signing, sealing[: KEY_BYTES[user.privacy]]


def _check(message: bytes, place: int, signature: bytes, key: bytes, authentication: str) -> None:
    hashed, size = DIGESTS[authentication]
    blank = message[:place] + bytes(len(signature)) + message[place + len(signature) :]
    if len(signature) != size or not hmac.compare_digest(hmac.digest(key, blank, hashed)[:size], signature):
        raise SecurityError("wrong_digest", "the signature does not fit the message and the user's key")


def _decrypted(sealed: bytes, key: bytes, salt: bytes, privacy: str, clock: tuple[int, int]) -> bytes:
    if privacy == "DES":
        if len(sealed) % 8:
            raise SecurityError("undecryptable", "the length is none of DES")
        start = bytes(one ^ other for one, other in zip(key[8:16], salt, strict=True))
        opening = Cipher(TripleDES(key[:8] * 3), modes.CBC(start)).decryptor()
        return opening.update(sealed) + opening.finalize()
    # CFB with whole blocks, made of AES alone: the library keeps the mode in a place that moves between its versions.
    stream = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - see above
    before, plain = clock[0].to_bytes(4) + clock[1].to_bytes(4) + salt, bytearray()
    for at in range(0, len(sealed), BLOCK):
        block = sealed[at : at + BLOCK]
        plain += bytes(one ^ other for one, other in zip(block, stream.update(before), strict=False))
        before = block
    return bytes(plain)


def _parts(message: bytes) -> tuple[int, tuple[bytes, int, int, str, bytes, bytes], bytes, int]:
    """Flags, security parameters, the rest, and where in the message the signature stands."""
    outer = ber.element(message)
    parts = list(ber.elements(outer.content))
    if len(parts) != 4:  # noqa: PLR2004 - RFC 3412, section 6
        raise BerError(f"a message of {len(parts)} parts, not 4")
    _, header, security, content = parts
    heads = list(ber.elements(header.content))
    inner = ber.element(security.content)
    said = list(ber.elements(inner.content))
    if len(heads) != 4 or len(said) != 6 or not heads[2].content:  # noqa: PLR2004 - RFC 3412 and RFC 3414, section 2.4
        raise BerError("a message of SNMPv3 with other parts than it has")
    engine, boots, time, name, signature, salt = said
    place = outer.end - len(outer.content) + security.end - len(security.content)
    place += inner.end - len(inner.content) + signature.end - len(signature.content)
    numbers = ber.number(boots), ber.number(time)
    if not all(0 <= one < 1 << 31 for one in numbers):
        raise BerError("a clock beyond what RFC 3414 allows")
    words = name.content.decode("utf-8", "replace")
    start = security.end
    return (
        heads[2].content[0],
        (engine.content, *numbers, words, signature.content, salt.content),
        outer.content[start : content.end],
        place,
    )


def _pdu(scoped: bytes) -> Element:
    parts = list(ber.elements(ber.element(scoped).content))
    if len(parts) != 3:  # noqa: PLR2004 - engine, name, PDU
        raise BerError(f"a scoped message of {len(parts)} parts, not 3")
    return parts[2]
