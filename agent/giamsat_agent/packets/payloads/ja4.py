# SPDX-License-Identifier: Apache-2.0
"""JA4, the fingerprint of a TLS client (FoxIO, "JA4: TLS Client Fingerprinting", technical details of JA4+)."""

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from giamsat_agent.packets.payloads.tls import ALPN, SERVER_NAME, SSL3, TLS10, TLS11, TLS12, TLS13, Hello

VERSIONS: Final = {0x0002: "s2", SSL3: "s3", TLS10: "10", TLS11: "11", TLS12: "12", TLS13: "13"}
NOTHING: Final = "000000000000"
MOST: Final = 99


class Carrier(StrEnum):
    """What carried the hello."""

    TCP = "t"
    QUIC = "q"


def ja4(hello: Hello, carrier: Carrier = Carrier.TCP) -> str:
    """The fingerprint of a client's hello."""
    version = VERSIONS.get(hello.versions[0], "00")
    named = "d" if SERVER_NAME in hello.extensions else "i"
    counts = f"{min(len(hello.ciphers), MOST):02}{min(len(hello.extensions), MOST):02}"
    kinds = _codes(sorted(kind for kind in hello.extensions if kind not in {SERVER_NAME, ALPN}))
    signatures = _codes(hello.signatures)
    extensions = f"{kinds}_{signatures}" if kinds and signatures else kinds
    first = f"{carrier}{version}{named}{counts}{_protocol(hello.protocols)}"
    return f"{first}_{_hash(_codes(sorted(hello.ciphers)))}_{_hash(extensions)}"


def _protocol(protocols: tuple[bytes, ...]) -> str:
    """The ends of the first protocol; those of its hexadecimal digits where an end is no letter and no digit."""
    first = protocols[0] if protocols else b""
    if not first:
        return "00"
    readable = first[:1].isalnum() and first[-1:].isalnum()
    text = first.decode("latin-1") if readable else first.hex()
    return text[0] + text[-1]


def _codes(numbers: Iterable[int]) -> str:
    return ",".join(f"{number:04x}" for number in numbers)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else NOTHING
