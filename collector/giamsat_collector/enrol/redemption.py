# SPDX-License-Identifier: Apache-2.0
"""A token against a certificate. Works on rows and values only; the gRPC edge is `service`."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from giamsat_collector.enrol import agents, tokens
from giamsat_collector.enrol.agents import Enrolled
from giamsat_collector.enrol.authority import Authority, spki_sha256
from giamsat_collector.enrol.tokens import Grant
from giamsat_collector.errors import RefusedError

REPEAT_NS: Final = 600 * 1_000_000_000
"""For ten minutes the same token and key get the same answer: the first one may have been lost."""
CSR_BYTES: Final = 4_096


class KeyRefusedError(RefusedError):
    """The keys or their proofs are not accepted."""

    def __init__(self, reason: str, sentence: str) -> None:
        self.reason = reason
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Request:
    """What a host asks with."""

    token_id: str
    secret: str
    csr_der: bytes
    bound_spki_der: bytes
    bound_signature: bytes
    hostname: str = ""
    machine_id: str = ""
    os: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """The two public keys of a host, proved to be its own."""

    tls: ec.EllipticCurvePublicKey
    bound_spki_sha256: bytes


def transcript(token_id: str, csr_der: bytes, bound_spki_der: bytes) -> bytes:
    """What the bound key signs: SHA-256 over the token's id, the request and the bound key."""
    return hashlib.sha256(token_id.encode() + csr_der + bound_spki_der).digest()


def proved(request: Request) -> Keys:
    """The keys of a request whose holder has both private keys.

    Raises:
        KeyRefusedError: not P-256, not signed by the key, or not readable.
    """
    if len(request.csr_der) > CSR_BYTES or len(request.bound_spki_der) > CSR_BYTES:
        raise KeyRefusedError("oversized", "the certificate request is too large")
    try:
        csr = x509.load_der_x509_csr(request.csr_der)
        bound = serialization.load_der_public_key(request.bound_spki_der)
        tls = csr.public_key()
        valid = csr.is_signature_valid
    except Exception as error:
        raise KeyRefusedError("malformed", "the certificate request cannot be read") from error
    for key in (tls, bound):
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise KeyRefusedError("key_type", "keys must be P-256")
    if tls == bound:
        raise KeyRefusedError("key_reused", "the certificate's key and the bound key must be two keys")
    if not valid or not isinstance(tls, ec.EllipticCurvePublicKey) or not isinstance(bound, ec.EllipticCurvePublicKey):
        raise KeyRefusedError("no_possession", "the certificate request is not signed by its own key")
    signed = transcript(request.token_id, request.csr_der, request.bound_spki_der)
    try:
        bound.verify(request.bound_signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise KeyRefusedError("no_possession", "the bound key did not sign this request") from error
    return Keys(tls, spki_sha256(bound))


def redeem(
    connection: Connection, request: Request, keys: Keys, authority: Authority, now_ns: int
) -> tuple[Enrolled, Grant | None]:
    """Enrol a host: the agent and what its token gave, None when an answer is repeated. All of it or nothing.

    Raises:
        TokenError: the token is not accepted.
        KeyRefusedError: one of the keys has been seen before.
    """
    fingerprint = spki_sha256(keys.tls)
    known = agents.with_key(connection, fingerprint)
    if known is not None:
        repeated = known.token == request.token_id and tokens.knows(connection, request.token_id, request.secret)
        repeated = repeated and known.bound_spki_sha256 == keys.bound_spki_sha256
        if repeated and now_ns - known.enrolled_ns < REPEAT_NS and known.revoked_ns is None:
            return known, None
        raise KeyRefusedError("key_reused", "this key has been used before; make a new one")
    grant = tokens.spend(connection, request.token_id, request.secret, now_ns)
    agent_id = str(uuid.uuid4())
    chain = authority.agent(keys.tls, unit=grant.unit, agent_id=agent_id)
    agent = Enrolled(
        id=agent_id,
        unit=grant.unit,
        token=grant.token,
        hostname=request.hostname[:255],
        machine_id=request.machine_id[:64],
        os=request.os[:200],
        spki_sha256=fingerprint,
        bound_spki_sha256=keys.bound_spki_sha256,
        serial=f"{chain[0].serial_number:x}",
        chain_pem=b"".join(part.public_bytes(serialization.Encoding.PEM) for part in chain),
        enrolled_ns=now_ns,
    )
    try:
        agents.add(connection, agent)
    except IntegrityError as error:
        raise KeyRefusedError("key_reused", "this key has been used before; make a new one") from error
    return agent, grant
