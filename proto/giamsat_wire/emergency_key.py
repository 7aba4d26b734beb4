# SPDX-License-Identifier: Apache-2.0
"""The public halves of the keys that lie offline, as files hold them; read without any cryptography."""

import base64
import re
from collections.abc import Iterable
from typing import Final

from giamsat_wire.errors import EmergencyError

KEYS: Final = 3
PEM_BYTES: Final = 4 << 10
_SPKI: Final = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key (RFC 8410, section 4): it has no parameters."""
_POINT_BYTES: Final = 32
_PEM: Final = re.compile(rb"-----BEGIN PUBLIC KEY-----\s([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----")


def points(files: Iterable[tuple[str, bytes]]) -> tuple[bytes, ...]:
    """The raw keys (32 bytes each) of files, given as name and content (PEM); no two are the same.

    Raises:
        EmergencyError: one is none, or stands in two of the files; the message names them.
    """
    found: dict[bytes, str] = {}
    for name, pem in files:
        raw = _point(pem, name)
        if raw in found:
            raise EmergencyError(
                f"{found[raw]}, {name}: the same emergency key stands in both; each of the three holders makes one"
            )
        found[raw] = name
    return tuple(found)


def _point(pem: bytes, name: str) -> bytes:
    held = _PEM.search(pem[:PEM_BYTES])
    try:
        der = base64.b64decode(b"".join(held[1].split()), validate=True) if held else b""
    except ValueError:
        der = b""
    if not der:
        raise EmergencyError(f"{name}: no public key that can be read; give an Ed25519 key in PEM")
    if not der.startswith(_SPKI) or len(der) != len(_SPKI) + _POINT_BYTES:
        raise EmergencyError(f"{name}: not an Ed25519 key; make one with 'openssl genpkey -algorithm ed25519'")
    return der[len(_SPKI) :]
