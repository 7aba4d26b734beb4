# SPDX-License-Identifier: Apache-2.0
"""The keys of a host and what is made with them: P-256, for the certificate and for the host itself."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_agent.errors import IdentityError
from giamsat_agent.uplink.identity import Validity

_DER = serialization.Encoding.DER
_PEM = serialization.Encoding.PEM


def fresh() -> ec.EllipticCurvePrivateKey:
    """A new key."""
    return ec.generate_private_key(ec.SECP256R1())


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key as its file holds it."""
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def load(text: bytes, where: str) -> ec.EllipticCurvePrivateKey:
    """A private key from its file; `where` names it in the message.

    Raises:
        IdentityError: it is not one of ours.
    """
    try:
        key = serialization.load_pem_private_key(text, None)
    except (ValueError, TypeError) as error:
        raise IdentityError(f"{where}: the key cannot be read: {error}; restore it, or enrol this host anew") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise IdentityError(f"{where}: this is not a key of ours; restore it, or enrol this host anew")
    return key


def certificate_request(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A request (DER) that says nothing but the public key."""
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .sign(key, hashes.SHA256())
        .public_bytes(_DER)
    )


def public_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half, as SubjectPublicKeyInfo."""
    return key.public_key().public_bytes(_DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def sign(key: ec.EllipticCurvePrivateKey, digest: bytes) -> bytes:
    """A signature over a digest."""
    return key.sign(digest, ec.ECDSA(hashes.SHA256()))


def chain_pem(chain_der: list[bytes]) -> tuple[bytes, Validity]:
    """A certificate chain as its file holds it, and how long its leaf is good.

    Raises:
        IdentityError: the collector sent something else than certificates.
    """
    try:
        chain = [x509.load_der_x509_certificate(der) for der in chain_der]
        leaf = chain[0]
    except (ValueError, IndexError) as error:
        raise IdentityError(f"the collector sent no certificate that can be read: {error}; tell the SOC") from error
    good = Validity(int(leaf.not_valid_before_utc.timestamp()), int(leaf.not_valid_after_utc.timestamp()))
    return b"".join(part.public_bytes(_PEM) for part in chain), good
