# SPDX-License-Identifier: Apache-2.0
"""Enrolment requests as a host makes them, and as somebody hostile would."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_collector.enrol.redemption import Request
from giamsat_collector.signing.possession import enrolling

DER = serialization.Encoding.DER


def fresh_key(curve=None):
    return ec.generate_private_key(curve or ec.SECP256R1())


def csr(key, *extensions, name=""):
    """A certificate request that asks for these extensions."""
    attributes = [x509.NameAttribute(x509.NameOID.COMMON_NAME, name)] if name else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(attributes))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(DER)


def spki(key):
    return key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def request(token, *, tls=None, bound=None, csr_der=None, signature=None, secret=None, **evidence):
    """What a host sends to redeem a token; the parts that are not given are right."""
    _, token_id, its_secret, _ = token.split(".")
    tls, bound = tls or fresh_key(), bound or fresh_key()
    csr_der = csr(tls) if csr_der is None else csr_der
    if signature is None and isinstance(bound, ec.EllipticCurvePrivateKey):
        signature = bound.sign(enrolling(token_id, csr_der, spki(bound)), ec.ECDSA(hashes.SHA256()))
    return Request(token_id, secret or its_secret, csr_der, spki(bound), signature or b"", **evidence)
