# SPDX-License-Identifier: Apache-2.0
"""The keys of a host and what is made with them: P-256, for the certificate and for the host itself."""

from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_agent.errors import IdentityError
from giamsat_agent.uplink.identity import Validity
from giamsat_wire.parcel import CARRIER

ROOTS: Final = 4
"""More than a collector ever has: one, and two while it is rotated."""
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
        raise IdentityError(
            f"{where}: không đọc được khóa; khôi phục, hoặc ghi danh lại máy này / "
            f"the key cannot be read: {error}; restore it, or enrol this host anew"
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise IdentityError(
            f"{where}: không phải khóa của giamsat; khôi phục, hoặc ghi danh lại máy này / "
            "this is not a key of ours; restore it, or enrol this host anew"
        )
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
        leaf = x509.load_der_x509_certificate(chain_der[0])
    except (ValueError, IndexError) as error:
        raise IdentityError(f"the collector sent no certificate that can be read: {error}; tell the SOC") from error
    good = Validity(int(leaf.not_valid_before_utc.timestamp()), int(leaf.not_valid_after_utc.timestamp()))
    return pem_of(chain_der), good


def pem_of(chain_der: list[bytes]) -> bytes:
    """Certificates as a file holds them.

    Raises:
        IdentityError: one of them cannot be read.
    """
    try:
        return b"".join(x509.load_der_x509_certificate(der).public_bytes(_PEM) for der in chain_der)
    except ValueError as error:
        raise IdentityError(f"the collector sent a certificate that cannot be read: {error}; tell the SOC") from error


def roots_pem(roots_der: list[bytes]) -> bytes:
    """Whom to trust, as the collector says, as a file holds it; empty when it says nothing.

    Raises:
        IdentityError: these are not a few roots that vouch for themselves.
    """
    pem = pem_of(roots_der)
    roots = x509.load_pem_x509_certificates(pem) if pem else []
    if len(roots) > ROOTS or not all(vouches_for_itself(root) for root in roots):
        raise IdentityError("the collector names roots that are none; nothing was changed: tell the SOC")
    return pem


def vouched(chain_pem: bytes, roots_pem: bytes) -> bool:
    """Whether one of the roots has signed the issuer of a certificate (the last of its chain)."""
    issuer = x509.load_pem_x509_certificates(chain_pem)[-1]
    return any(_issued(issuer, root) for root in x509.load_pem_x509_certificates(roots_pem))


def vouches_for_itself(root: x509.Certificate) -> bool:
    """Whether a certificate is one of a root: it may sign others, and has signed itself."""
    try:
        root.verify_directly_issued_by(root)
        return root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False


def carrier(chain_pem: bytes, roots_pem: bytes) -> ec.EllipticCurvePublicKey:
    """The key parcels are sealed for, out of its chain: the leaf, then its issuer, which one of the roots has signed.

    How long it is good is not asked: a host that is cut off cannot be given a later one, and its clock may be wrong.

    Raises:
        IdentityError: the chain does not lead to a root of this agent, or is not that of a carrier.
    """
    try:
        leaf, issuer = x509.load_pem_x509_certificates(chain_pem)
        roots = x509.load_pem_x509_certificates(roots_pem)
        if not any(_issued(issuer, root) for root in roots):
            raise _not_the_carrier()
        leaf.verify_directly_issued_by(issuer)
        may_issue = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        named = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = named.get_values_for_type(x509.UniformResourceIdentifier)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound) as error:
        raise _not_the_carrier() from error
    key = leaf.public_key()
    if not may_issue or names != [CARRIER] or not isinstance(key, ec.EllipticCurvePublicKey):
        raise _not_the_carrier()
    return key


def _not_the_carrier() -> IdentityError:
    return IdentityError(
        "đây không phải chứng thư nhận dữ liệu mang tay của bộ thu thập này / this is not the carrier certificate of "
        "this agent's collector; fetch it there anew: giamsat-collector spool key"
    )


def _issued(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
