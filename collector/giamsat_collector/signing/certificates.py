# SPDX-License-Identifier: Apache-2.0
"""What our certificates say. Nothing in them comes from a request but the public key."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from giamsat_wire.clock import Clock
from giamsat_wire.parcel import CARRIER

ROOT_LIFE: Final = timedelta(days=3650)
ISSUER_LIFE: Final = timedelta(days=730)
SERVER_LIFE: Final = timedelta(days=90)
AGENT_LIFE: Final = timedelta(days=14)
BACKDATED: Final = timedelta(hours=24)
"""Certificates begin a day early: the clock of a host that is being enrolled may be behind."""
ROOT: Final = "giamsat root"
BELOW_ROOT: Final = 2
"""Certificates between a root and a leaf: the issuer, and during a rotation the new root as the old one signed it.

RFC 5280 (4.2.1.9) would not count that one, as it bears its issuer's name; Go, and so Prometheus, counts it.
"""

Certificate: TypeAlias = x509.Certificate
Purpose: TypeAlias = x509.ObjectIdentifier

AGENTS: Final = ExtendedKeyUsageOID.CLIENT_AUTH
SERVERS: Final = ExtendedKeyUsageOID.SERVER_AUTH


@dataclass(frozen=True, slots=True)
class Issuer:
    """A certificate that may sign others, and its key."""

    certificate: Certificate
    key: ec.EllipticCurvePrivateKey


def root(key: ec.EllipticCurvePrivateKey, clock: Clock) -> Certificate:
    """A root that vouches for itself."""
    builder = _above(ROOT, key.public_key(), None, (_now(clock) - BACKDATED, _now(clock) + ROOT_LIFE))
    return builder.sign(key, hashes.SHA256())


def crossed(later: Certificate, earlier: Issuer) -> Certificate:
    """A root as the one before it vouches for it: who trusts only the earlier one trusts what the later one signs."""
    until = min(later.not_valid_after_utc, earlier.certificate.not_valid_after_utc)
    builder = _above(ROOT, _key_of(later), earlier.certificate, (later.not_valid_before_utc, until))
    return builder.sign(earlier.key, hashes.SHA256())


def issuer(name: str, key: ec.EllipticCurvePublicKey, above: Issuer, purpose: Purpose, clock: Clock) -> Certificate:
    """An issuer below a root, for one purpose."""
    until = min(_now(clock) + ISSUER_LIFE, above.certificate.not_valid_after_utc)
    builder = _above(name, key, above.certificate, (_now(clock) - BACKDATED, until))
    # Inherited by all below it: what the issuer of agents signs never counts as a server, and the reverse.
    builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return builder.sign(above.key, hashes.SHA256())


def agent(key: ec.EllipticCurvePublicKey, identity: str, by: Issuer, clock: Clock) -> Certificate:
    """A certificate for the agent of this identity (a URI)."""
    until = _now(clock) + AGENT_LIFE
    return (
        _leaf(key, by, until, clock)
        .subject_name(x509.Name([]))
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity)]), critical=True)
        .add_extension(x509.ExtendedKeyUsage([AGENTS]), critical=True)
        .sign(by.key, hashes.SHA256())
    )


def server(key: ec.EllipticCurvePublicKey, names: Sequence[str], by: Issuer, clock: Clock) -> Certificate:
    """A certificate for a server that is reached by these DNS names and addresses."""
    return (
        _leaf(key, by, _now(clock) + SERVER_LIFE, clock)
        .subject_name(_name(names[0]))
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([SERVERS]), critical=True)
        .sign(by.key, hashes.SHA256())
    )


def carrier(key: ec.EllipticCurvePublicKey, by: Issuer, clock: Clock) -> Certificate:
    """A certificate for the key parcels are sealed for.

    Good for as long as its issuer: a host that is cut off cannot be told of a new one.
    """
    return (
        _leaf(key, by, by.certificate.not_valid_after_utc, clock, agreement=True)
        .subject_name(x509.Name([]))
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(CARRIER)]), critical=True)
        .sign(by.key, hashes.SHA256())
    )


def _leaf(
    key: ec.EllipticCurvePublicKey, by: Issuer, until: datetime, clock: Clock, *, agreement: bool = False
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(by.certificate.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now(clock) - BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signature=True, agreement=agreement), critical=True)
        .add_extension(_signed_by(by.certificate.public_key()), critical=False)
    )


def _above(
    name: str, key: ec.EllipticCurvePublicKey, signer: Certificate | None, good: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(signer.subject if signer else _name(name))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(good[0])
        .not_valid_after(good[1])
        .add_extension(x509.BasicConstraints(ca=True, path_length=BELOW_ROOT if name == ROOT else 0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(_signed_by(signer.public_key() if signer else key), critical=False)
    )


def _usage(*, signature: bool = False, agreement: bool = False, certificates: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=agreement,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _signed_by(key: CertificatePublicKeyTypes) -> x509.AuthorityKeyIdentifier:
    """Names the signer's key; verifiers that hold to RFC 5280 strictly, such as Python 3.13, ask for it."""
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("only elliptic-curve keys are in use here")
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key)


def _key_of(certificate: Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("only elliptic-curve keys are in use here")
    return key


def _now(clock: Clock) -> datetime:
    return datetime.fromtimestamp(clock.wall_ns() / 1e9, UTC)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
