# SPDX-License-Identifier: Apache-2.0
"""The key that hosts which may not connect seal their frames for, and its certificate from the authority."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_collector import durable
from giamsat_wire.clock import Clock
from giamsat_wire.parcel import CARRIER

_PEM: Final = serialization.Encoding.PEM
_BACKDATED: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Carrier:
    """The key and its chain: the leaf, then its issuer."""

    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def chain_der(self) -> list[bytes]:
        """The chain, as the wire takes it."""
        return [part.public_bytes(serialization.Encoding.DER) for part in self.chain]

    @property
    def chain_pem(self) -> bytes:
        """The chain, as a file holds it."""
        return b"".join(part.public_bytes(_PEM) for part in self.chain)


def open_carrier(
    folder: Path, issuer: x509.Certificate, issuer_key: ec.EllipticCurvePrivateKey, clock: Clock
) -> Carrier:
    """The key in the authority's folder; made when there is none, as in a folder of an earlier version.

    Raises:
        OSError, ValueError, TypeError: the files cannot be written or read.
    """
    key_file, chain_file = folder / "carrier.key", folder / "carrier.pem"
    if not key_file.exists():
        fresh = ec.generate_private_key(ec.SECP256R1())
        pkcs8 = serialization.PrivateFormat.PKCS8
        durable.replace(key_file, fresh.private_bytes(_PEM, pkcs8, serialization.NoEncryption()))
    key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{key_file} is not an elliptic-curve key")
    if not chain_file.exists():
        leaf = _certificate(key, issuer, issuer_key, clock)
        durable.replace(chain_file, leaf.public_bytes(_PEM) + issuer.public_bytes(_PEM))
    return Carrier(key, tuple(x509.load_pem_x509_certificates(chain_file.read_bytes())))


def _certificate(
    key: ec.EllipticCurvePrivateKey, issuer: x509.Certificate, issuer_key: ec.EllipticCurvePrivateKey, clock: Clock
) -> x509.Certificate:
    """Good for as long as its issuer: a host that is cut off cannot be told of a new one."""
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=True,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromtimestamp(clock.wall_ns() / 1e9, UTC) - _BACKDATED)
        .not_valid_after(issuer.not_valid_after_utc)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(CARRIER)]), critical=True)
        .add_extension(authority, critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
