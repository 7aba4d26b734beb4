# SPDX-License-Identifier: Apache-2.0
"""The keys of those who sign bundles: Ed25519, in PEM files."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from giamsat_rules.errors import BundleError


def private_key(file: Path) -> Ed25519PrivateKey:
    """The private key that signs.

    Raises:
        BundleError: the file holds none.
    """
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BundleError(f"{file}: no private key that can be read; give an Ed25519 key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BundleError(f"{file}: not an Ed25519 key; make one with `openssl genpkey -algorithm ed25519`")
    return key


def public_key(file: Path) -> bytes:
    """The 32 bytes of the public key that is trusted.

    Raises:
        BundleError: the file holds none.
    """
    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise BundleError(f"{file}: no public key that can be read; give an Ed25519 key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BundleError(f"{file}: not an Ed25519 key; give the public half of a signing key")
    return key.public_bytes_raw()
