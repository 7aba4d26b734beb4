# SPDX-License-Identifier: Apache-2.0
"""What a client says first by QUIC (RFC 9000, RFC 9369): its Initial packets, whose keys are known to everybody.

They are protected with keys made of a salt that is published and of the identifier in the packet itself (RFC 9001,
section 5.2), so that nobody changes them by mistake; they hide nothing.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from giamsat_agent.packets.payloads.byte_reader import Forward, ShortError
from giamsat_agent.packets.payloads.quic_version import VERSIONS, Version

IDENTIFIER: Final = 20
_SAMPLE, _NUMBER = 16, 4
_PADDING, _PING, _CRYPTO = 0, 1, 6
_ACKS: Final = {2: 0, 3: 3}
"""Acknowledgements, and the counts that stand at the end of theirs."""


@dataclass(frozen=True)
class Keys:
    """The keys of a client's Initial packets."""

    version: Version
    identifier: bytes

    @cached_property
    def _secret(self) -> bytes:
        return _expand(hmac.digest(self.version.salt, self.identifier, "sha256"), "client in", 32)

    @cached_property
    def key(self) -> bytes:
        """For the content: AES-128-GCM."""
        return _expand(self._secret, f"{self.version.label} key", 16)

    @cached_property
    def vector(self) -> bytes:
        """What the packet's number is laid over."""
        return _expand(self._secret, f"{self.version.label} iv", 12)

    @cached_property
    def header(self) -> bytes:
        """For the header: AES-128."""
        return _expand(self._secret, f"{self.version.label} hp", 16)

    def mask(self, sample: bytes) -> bytes:
        """What protects the header (RFC 9001, section 5.4.3)."""
        return Cipher(algorithms.AES(self.header), modes.ECB()).encryptor().update(sample)  # noqa: S305 - as the RFC says


def _expand(secret: bytes, label: str, length: int) -> bytes:
    """HKDF-Expand-Label (RFC 8446, section 7.1) for what fits into one hash."""
    name = b"tls13 " + label.encode()
    told = length.to_bytes(2) + bytes([len(name)]) + name + b"\0"
    return hmac.digest(secret, told + b"\1", hashlib.sha256)[:length]


@dataclass(frozen=True, slots=True)
class Initial:
    """The handshake's bytes in one Initial packet, by where they belong; `identifier` is that of the connection."""

    identifier: bytes
    pieces: tuple[tuple[int, bytes], ...]


def initial(datagram: bytes) -> Initial | None:
    """What a client's first packet of a datagram says; None when it is none, was cut off or was changed."""
    try:
        return _opened(datagram)
    except (ShortError, InvalidTag):
        return None


def _opened(datagram: bytes) -> Initial | None:
    head = Forward(datagram)
    first, version = head.number(1), VERSIONS.get(head.number(4))
    if version is None or first & 0xC0 != 0xC0 or first >> 4 & 3 != version.kind:  # noqa: PLR2004 - a long header
        return None
    identifier = head.vector(1)
    head.vector(1)
    head.take(_number(head))
    length = _number(head)
    begins = head.at
    body = head.take(length)
    if len(identifier) > IDENTIFIER or length < _NUMBER + _SAMPLE:
        return None
    keys = Keys(version, identifier)
    mask = keys.mask(body[_NUMBER : _NUMBER + _SAMPLE])
    first ^= mask[0] & 0x0F
    size = (first & 3) + 1
    number = bytes(one ^ other for one, other in zip(body[:size], mask[1:], strict=False))
    nonce = (int.from_bytes(keys.vector) ^ int.from_bytes(number)).to_bytes(12)
    told = bytes([first]) + datagram[1:begins] + number
    return Initial(identifier, tuple(_pieces(AESGCM(keys.key).decrypt(nonce, body[size:], told))))


def _number(data: Forward) -> int:
    """A number of 1, 2, 4 or 8 bytes (RFC 9000, section 16)."""
    first = data.number(1)
    return int.from_bytes(bytes([first & 0x3F]) + data.take((1 << (first >> 6)) - 1))


def _pieces(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The CRYPTO frames of a packet (RFC 9000, section 19.6); what else a client's first packet may hold is passed."""
    frames = Forward(content)
    while frames.left:
        kind = _number(frames)
        if kind == _PADDING:
            frames.pass_over(b"\0")
        elif kind == _CRYPTO:
            offset, length = _number(frames), _number(frames)
            yield offset, frames.take(length)
        elif kind in _ACKS:
            _, _, ranges = _number(frames), _number(frames), _number(frames)
            for _ in range(1 + 2 * min(ranges, frames.left) + _ACKS[kind]):
                _number(frames)
        elif kind != _PING:
            return
