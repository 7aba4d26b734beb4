# SPDX-License-Identifier: Apache-2.0
r"""Whom to trust once the authority was stolen or lost: roots that two of three keys which lie offline have signed.

    giamsat-emergency 1\n
    {"serial": 1764428400, "roots": ["<DER as base64>"]}

Each signature is Ed25519 over the whole text, as `openssl pkeyutl -sign -rawin` makes it. The serial is when the text
was written (UNIX seconds); whoever has taken one takes only a later one.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from giamsat_wire.errors import EmergencyError

MAGIC: Final = b"giamsat-emergency 1\n"
NEEDED: Final = 2
ROOTS: Final = 4
SIGNATURES: Final = 8
BYTES: Final = 32 << 10


@dataclass(frozen=True, slots=True)
class Statement:
    """Whom to trust from now on, and nobody else."""

    serial: int
    roots_der: tuple[bytes, ...]


def written(statement: Statement) -> bytes:
    """The text that is signed."""
    roots = [base64.b64encode(der).decode() for der in statement.roots_der]
    return MAGIC + json.dumps({"serial": statement.serial, "roots": roots}).encode() + b"\n"


def believed(text: bytes, signatures: Sequence[bytes], keys: Sequence[Ed25519PublicKey]) -> Statement:
    """What a text says, once enough different keys have signed it; before that nothing of it is read.

    Raises:
        EmergencyError: too few have, or it says nothing that can be understood.
    """
    if len(text) > BYTES or len(signatures) > SIGNATURES:
        raise EmergencyError("the statement is larger than one can be; nothing of it was read")
    trusted = {one.public_bytes_raw(): one for one in keys}.values()
    good = sum(any(_holds(one, signature, text) for signature in signatures) for one in trusted)
    if good < NEEDED:
        raise EmergencyError(f"{good} of the {NEEDED} keys that are needed have signed the statement; nothing changes")
    try:
        said: Any = json.loads(text.removeprefix(MAGIC))
        statement = Statement(said["serial"], tuple(base64.b64decode(one, validate=True) for one in said["roots"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise EmergencyError("the statement is signed and cannot be read; have it written and signed anew") from error
    whole = text.startswith(MAGIC) and type(statement.serial) is int and 0 < statement.serial < 1 << 63
    if not whole or not 0 < len(statement.roots_der) <= ROOTS:
        raise EmergencyError("the statement is signed and says something else; have it written and signed anew")
    return statement


def _holds(one: Ed25519PublicKey, signature: bytes, text: bytes) -> bool:
    try:
        one.verify(signature, text)
    except InvalidSignature:
        return False
    return True
