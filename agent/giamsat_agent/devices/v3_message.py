# SPDX-License-Identifier: Apache-2.0
"""A message of SNMPv3 as bytes: taken apart, its signature checked, its content opened, and made anew.

The user-based security model of RFC 3414, with AES of RFC 3826 and SHA-2 of RFC 7860. Pure.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

from giamsat_agent.devices import ber, encode
from giamsat_agent.devices.ber import BerError, Element
from giamsat_agent.devices.credential import User
from giamsat_agent.devices.errors import CredentialError

EXPANDED: Final = 1 << 20
"""Bytes a password is expanded to (RFC 3414, A.2)."""
AUTHENTICATED, ENCRYPTED, REPORTABLE = 0x01, 0x02, 0x04
BLOCK: Final = 16
SALT: Final = 8
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
SIZE: Final = 65_507
"""The largest message this agent takes."""
VERSION, MODEL = 3, 3


class SecurityError(BerError):
    """A message is not accepted; `outcome` is what is counted, `reply` what its sender is told, if anything."""

    def __init__(self, outcome: str, why: str, reply: bytes = b"") -> None:
        super().__init__(why)
        self.outcome = outcome
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Keys:
    """A user's keys for one engine: for signing and for encrypting; empty without."""

    signing: bytes = b""
    sealing: bytes = b""


@dataclass(frozen=True, slots=True)
class Message:
    """The parts of a message. `content` is what follows the security parameters, `place` where the signature begins."""

    number: int
    flags: int
    engine: bytes
    boots: int
    time: int
    user: str
    signature: bytes
    salt: bytes
    content: bytes
    place: int
    whole: bytes

    def check(self, key: bytes, authentication: str) -> None:
        """Compare the signature.

        Raises:
            SecurityError: it is another.
        """
        hashed, size = DIGESTS[authentication]
        end = self.place + len(self.signature)
        blank = self.whole[: self.place] + bytes(len(self.signature)) + self.whole[end:]
        if len(self.signature) != size or not hmac.compare_digest(
            hmac.digest(key, blank, hashed)[:size], self.signature
        ):
            raise SecurityError("wrong_digest", "the signature does not fit the message and the user's key")

    def opened(self, key: bytes, privacy: str) -> bytes:
        """The scoped message inside an encrypted one.

        Raises:
            SecurityError: it is not encrypted, or with another key.
        """
        if not self.flags & ENCRYPTED or len(self.salt) != SALT:
            raise SecurityError("undecryptable", f"user {self.user!r} encrypts, this is not encrypted")
        plain = _decrypted(ber.element(self.content).content, key, self.salt, privacy, (self.boots, self.time))
        try:
            pdu(plain)
        except BerError as error:
            raise SecurityError("undecryptable", f"user {self.user!r}: the privacy key does not fit") from error
        return plain


def parse(message: bytes) -> Message:
    """A message taken apart.

    Raises:
        BerError: it is none of SNMPv3.
    """
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
    numbers = ber.number(heads[0]), ber.number(boots), ber.number(time)
    if not all(0 <= one < 1 << 31 for one in numbers):
        raise BerError("a number or clock beyond what RFC 3414 allows")
    return Message(
        number=numbers[0],
        flags=heads[2].content[0],
        engine=engine.content,
        boots=numbers[1],
        time=numbers[2],
        user=name.content.decode("utf-8", "replace"),
        signature=signature.content,
        salt=salt.content,
        content=outer.content[security.end : content.end],
        place=place,
        whole=message[: outer.end],
    )


def pdu(scoped: bytes) -> Element:
    """What stands in a scoped message.

    Raises:
        BerError: this is none.
    """
    parts = list(ber.elements(ber.element(scoped).content))
    if len(parts) != 3:  # noqa: PLR2004 - engine, name, PDU
        raise BerError(f"a scoped message of {len(parts)} parts, not 3")
    return parts[2]


def made(
    number: int, scoped: bytes, *, engine: bytes, clock: tuple[int, int], user: User, keys: Keys, salt: bytes
) -> bytes:
    """A message of an engine at a moment of its clock, signed and encrypted as far as there are keys."""
    flags = (AUTHENTICATED if keys.signing else 0) | (ENCRYPTED if keys.sealing else 0)
    if keys.sealing:
        scoped = encode.octets(_encrypted(scoped, keys.sealing, salt, user.privacy, clock))
    else:
        salt = b""
    hashed, size = DIGESTS[user.authentication] if keys.signing else ("", 0)
    header = encode.sequence(
        encode.number(number), encode.number(SIZE), encode.octets(bytes([flags])), encode.number(MODEL)
    )

    def signed(signature: bytes) -> bytes:
        own = (
            encode.octets(engine),
            encode.number(clock[0]),
            encode.number(clock[1]),
            encode.octets(user.name.encode()),
        )
        security = encode.sequence(*own, encode.octets(signature), encode.octets(salt))
        return encode.sequence(encode.number(VERSION), header, encode.octets(security), scoped)

    blank = signed(bytes(size))
    return signed(hmac.digest(keys.signing, blank, hashed)[:size]) if keys.signing else blank


def expanded(password: str, hashed: str) -> bytes:
    """The key of a password for all engines; slow on purpose (RFC 3414, A.2)."""
    secret = password.encode()
    return hashlib.new(hashed, (secret * (EXPANDED // len(secret) + 1))[:EXPANDED], usedforsecurity=False).digest()


def localized(whole: bytes, hashed: str, engine: bytes) -> bytes:
    """The key of one engine (RFC 3414, A.2)."""
    return hashlib.new(hashed, whole + engine + whole, usedforsecurity=False).digest()


def whole_keys(user: User) -> Keys:
    """A user's keys for all engines.

    Raises:
        CredentialError: the user encrypts in a way that notifications are not opened in.
    """
    if user.privacy and user.privacy not in KEY_BYTES:
        raise CredentialError(f"user {user.name}: notifications with privacy {user.privacy} are not read; take AES128")
    hashed = DIGESTS[user.authentication][0] if user.authentication else ""
    signing, sealing = (expanded(key, hashed) if hashed and key else b"" for key in (user.auth_key, user.priv_key))
    return Keys(signing, sealing)


def keys_of(user: User, whole: Keys, engine: bytes) -> Keys:
    """A user's keys for one engine; one that is too short for its algorithm is lengthened by hashing it again."""
    if not user.authentication:
        return Keys()
    hashed, _ = DIGESTS[user.authentication]
    signing = localized(whole.signing, hashed, engine)
    if not user.privacy:
        return Keys(signing)
    sealing = localized(whole.sealing, hashed, engine)
    while len(sealing) < KEY_BYTES[user.privacy]:
        sealing += hashlib.new(hashed, sealing, usedforsecurity=False).digest()
    return Keys(signing, sealing[: KEY_BYTES[user.privacy]])


def _decrypted(sealed: bytes, key: bytes, salt: bytes, privacy: str, clock: tuple[int, int]) -> bytes:
    if privacy == "DES":
        if len(sealed) % 8:
            raise SecurityError("undecryptable", "the length is none of DES")
        opening = _des(key, salt).decryptor()
        return opening.update(sealed) + opening.finalize()
    plain = bytearray()
    stream, before = _aes(key, salt, clock)
    for at in range(0, len(sealed), BLOCK):
        block = sealed[at : at + BLOCK]
        plain += bytes(one ^ other for one, other in zip(block, stream.update(before), strict=False))
        before = block
    return bytes(plain)


def _encrypted(plain: bytes, key: bytes, salt: bytes, privacy: str, clock: tuple[int, int]) -> bytes:
    if privacy == "DES":
        closing = _des(key, salt).encryptor()
        return closing.update(plain + bytes(-len(plain) % 8)) + closing.finalize()
    sealed = bytearray()
    stream, before = _aes(key, salt, clock)
    for at in range(0, len(plain), BLOCK):
        block = plain[at : at + BLOCK]
        before = bytes(one ^ other for one, other in zip(block, stream.update(before), strict=False))
        sealed += before
    return bytes(sealed)


def _des(key: bytes, salt: bytes) -> Cipher[modes.CBC]:
    start = bytes(one ^ other for one, other in zip(key[8:16], salt, strict=True))
    return Cipher(TripleDES(key[:8] * 3), modes.CBC(start))


def _aes(key: bytes, salt: bytes, clock: tuple[int, int]) -> tuple[CipherContext, bytes]:
    """What encrypts the block before each, and the first of these.

    CFB with whole blocks, made of AES alone: the library keeps the mode in a place that moves between its versions.
    """
    stream = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - see above
    return stream, clock[0].to_bytes(4) + clock[1].to_bytes(4) + salt
