# SPDX-License-Identifier: Apache-2.0
"""Three keys that lie offline, as openssl makes them, and the files of their public halves."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PEM, SPKI = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo


def made_keys(folder):
    """Three private keys, and the files of their public halves in a folder."""
    keys = [Ed25519PrivateKey.generate() for _ in range(3)]
    files = [folder / f"emergency-{number}.pub" for number in (1, 2, 3)]
    for key, file in zip(keys, files, strict=True):
        file.write_bytes(key.public_key().public_bytes(PEM, SPKI))
    return keys, files
