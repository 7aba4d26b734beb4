# SPDX-License-Identifier: Apache-2.0
"""The key that hosts which may not connect seal their frames for, and its certificate from the authority."""

from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_collector.enrol.signer import Signer, signed
from giamsat_collector.errors import StartError
from giamsat_wire import durable

_PEM: Final = serialization.Encoding.PEM
_KEY, _CHAIN = "carrier.key", "carrier.pem"
_EARLIER: Final = "ca"
"""The folder an earlier version kept both files in."""


class Carrier:
    """The key, which never changes, and its chain: the leaf, then its issuer."""

    def __init__(self, folder: Path, key: ec.EllipticCurvePrivateKey, chain: tuple[x509.Certificate, ...]) -> None:
        self.key = key
        self.chain = chain
        self._folder = folder

    @property
    def chain_der(self) -> list[bytes]:
        """The chain, as the wire takes it."""
        return [part.public_bytes(serialization.Encoding.DER) for part in self.chain]

    @property
    def chain_pem(self) -> bytes:
        """The chain, as a file holds it."""
        return b"".join(part.public_bytes(_PEM) for part in self.chain)

    async def follow(self, signer: Signer) -> None:
        """Have the key certified below a root that is trusted now, if it is not.

        Raises:
            SignerError, SigningRefusedError: the signer gives none.
            OSError: the disk refuses.
        """
        if not self.chain or not any(signed(self.chain[-1], root) for root in signer.trust.roots):
            self.chain = await signer.carrier(self.key)
            durable.replace(self._folder / _CHAIN, self.chain_pem)


async def open_carrier(folder: Path, signer: Signer) -> Carrier:
    """The key in the collector's data folder; made when there is none.

    Raises:
        StartError: the files cannot be written or read.
        SignerError, SigningRefusedError: the signer does not certify the key.
    """
    key_file, chain_file = folder / _KEY, folder / _CHAIN
    try:
        for file in (chain_file, key_file):
            earlier = folder / _EARLIER / file.name
            if not file.exists() and earlier.exists():
                durable.replace(file, earlier.read_bytes())
                earlier.unlink()
        if not key_file.exists():
            fresh = ec.generate_private_key(ec.SECP256R1())
            pkcs8 = serialization.PrivateFormat.PKCS8
            durable.replace(key_file, fresh.private_bytes(_PEM, pkcs8, serialization.NoEncryption()))
        key = _private(key_file.read_bytes())
        chain = x509.load_pem_x509_certificates(chain_file.read_bytes()) if chain_file.exists() else ()
        carrier = Carrier(folder, key, tuple(chain))
        await carrier.follow(signer)
    except (OSError, ValueError, TypeError) as error:
        raise StartError(
            f"{key_file}: the key of parcels cannot be opened: {error}; restore it from the backup, or move it away: "
            "parcels that are on their way could then not be opened"
        ) from error
    return carrier


def _private(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("it is not an elliptic-curve key")
    return key
