# SPDX-License-Identifier: Apache-2.0
"""The key a collector signs its statements with: its own, made at the first start, never leaving the data folder."""

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from giamsat_collector.errors import RefusedError, StartError
from giamsat_wire import durable


class Seal:
    """Signs and checks with Ed25519."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public_pem(self) -> str:
        """The public key, for whoever wants to check a statement elsewhere."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()

    def sign(self, data: bytes) -> bytes:
        """The signature of some bytes."""
        return self._key.sign(data)

    def signed(self, data: bytes, signature: bytes) -> bool:
        """Whether this key signed these bytes."""
        return signed(self._key.public_key(), data, signature)


def open_seal(path: Path) -> Seal:
    """The key in a file; made when there is none, as in a file that a power cut left empty.

    Raises:
        StartError: the file cannot be written or read, or holds no such key.
    """
    try:
        if not path.exists() or not path.stat().st_size:
            fresh = Ed25519PrivateKey.generate()
            form = serialization.PrivateFormat.PKCS8
            clear = serialization.NoEncryption()
            durable.replace(path, fresh.private_bytes(serialization.Encoding.PEM, form, clear))
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise StartError(f"{path}: the key of statements cannot be opened: {error}; take it from the backup") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise StartError(f"{path}: holds another key than an Ed25519 one; take it from the backup")
    return Seal(key)


def public_key(pem: str) -> Ed25519PublicKey:
    """The public key in a text.

    Raises:
        RefusedError: there is none.
    """
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (ValueError, TypeError) as error:
        raise RefusedError("not a public key in PEM; 'giamsat-collector coverage statement key' prints ours") from error
    if not isinstance(key, Ed25519PublicKey):
        raise RefusedError("not an Ed25519 key; 'giamsat-collector coverage statement key' prints ours")
    return key


def signed(key: Ed25519PublicKey, data: bytes, signature: bytes) -> bool:
    """Whether a key signed these bytes."""
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True
