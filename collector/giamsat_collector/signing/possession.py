# SPDX-License-Identifier: Apache-2.0
"""Proof that a host holds the two private keys it speaks of: the certificate's and the one bound to the host.

The bound key signs the very request it belongs to, so a proof that was seen once is good for that one key only and
no challenge is needed: repeating it gives the certificate to the same key again.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_collector.errors import RefusedError

CSR_BYTES: Final = 4_096
_AGAIN: Final = "try again, and tell the SOC if it stays so"


class KeyRefusedError(RefusedError):
    """The keys or their proofs are not accepted."""

    def __init__(self, reason: str, sentence: str) -> None:
        self.reason = reason
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Keys:
    """The two public keys of a host, proved to be its own."""

    tls: ec.EllipticCurvePublicKey
    bound_spki_sha256: bytes


def enrolling(token_id: str, csr_der: bytes, bound_spki_der: bytes) -> bytes:
    """What the bound key signs at enrolment: SHA-256 over the token's id, the request and the bound key."""
    return hashlib.sha256(token_id.encode() + csr_der + bound_spki_der).digest()


def renewing(agent_id: str, generation: int, csr_der: bytes) -> bytes:
    """What the bound key signs later: SHA-256 over who asks, which certificate is to be replaced, and the request."""
    return hashlib.sha256(f"renew {agent_id} {generation} ".encode() + csr_der).digest()


def spki_sha256(key: ec.EllipticCurvePublicKey | object) -> bytes:
    """SHA-256 of a public key's SubjectPublicKeyInfo."""
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("only elliptic-curve keys are in use here")
    der = serialization.Encoding.DER
    return hashlib.sha256(key.public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo)).digest()


def proved(*, csr_der: bytes, bound_spki_der: bytes, bound_signature: bytes, signed: bytes) -> Keys:
    """The keys of a request whose holder has both private keys; `signed` is what the bound key must have signed.

    Raises:
        KeyRefusedError: not P-256, not signed by the key, or not readable.
    """
    if len(csr_der) > CSR_BYTES or len(bound_spki_der) > CSR_BYTES:
        raise KeyRefusedError("oversized", f"the certificate request is too large; {_AGAIN}")
    try:
        csr = x509.load_der_x509_csr(csr_der)
        bound = serialization.load_der_public_key(bound_spki_der)
        tls = csr.public_key()
        valid = csr.is_signature_valid
    except Exception as error:
        raise KeyRefusedError("malformed", f"the certificate request cannot be read; {_AGAIN}") from error
    for key in (tls, bound):
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise KeyRefusedError("key_type", f"keys must be P-256; {_AGAIN}")
    if tls == bound:
        raise KeyRefusedError("key_reused", f"the certificate's key and the bound key must be two keys; {_AGAIN}")
    if not valid or not isinstance(tls, ec.EllipticCurvePublicKey) or not isinstance(bound, ec.EllipticCurvePublicKey):
        raise KeyRefusedError("no_possession", f"the certificate request is not signed by its own key; {_AGAIN}")
    try:
        bound.verify(bound_signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise KeyRefusedError("no_possession", f"the bound key did not sign this request; {_AGAIN}") from error
    return Keys(tls, spki_sha256(bound))
