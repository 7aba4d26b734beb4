# SPDX-License-Identifier: Apache-2.0
"""The collector's own certificate authority: a root, one issuer for agents, one for servers, one key for parcels.

A certificate says what the caller decided and nothing that came from a request but the public key. Keys are files of
mode 0600 in one folder that is made whole or not at all.
"""

import hashlib
import ipaddress
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from giamsat_collector import durable
from giamsat_collector.enrol.carrier import Carrier, open_carrier
from giamsat_collector.errors import StartError
from giamsat_wire.clock import Clock

ROOT_LIFE: Final = timedelta(days=3650)
ISSUER_LIFE: Final = timedelta(days=730)
SERVER_LIFE: Final = timedelta(days=90)
AGENT_LIFE: Final = timedelta(days=14)
BACKDATED: Final = timedelta(hours=24)
"""Certificates begin a day early: the clock of a host that is being enrolled may be behind."""
_DER: Final = serialization.Encoding.DER
_PEM: Final = serialization.Encoding.PEM

Certificate: TypeAlias = x509.Certificate


@dataclass(frozen=True, slots=True)
class Issuer:
    """A certificate that may sign others, and its key."""

    certificate: Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """What a TLS server needs, as PEM: its key and its chain from the leaf to the root."""

    key: bytes
    chain: bytes


class Authority:
    """Issues certificates. Load it with `open_authority`."""

    def __init__(self, root: Certificate, agents: Issuer, servers: Issuer, carrier: Carrier, clock: Clock) -> None:
        self.root = root
        self.carrier = carrier
        self._agents = agents
        self._servers = servers
        self._clock = clock

    @property
    def root_spki_sha256(self) -> bytes:
        """The hash tokens pin the root by."""
        return spki_sha256(self.root.public_key())

    @property
    def root_pem(self) -> bytes:
        """The root certificate."""
        return self.root.public_bytes(_PEM)

    @property
    def client_roots_pem(self) -> bytes:
        """What a server verifies agents against."""
        return self._agents.certificate.public_bytes(_PEM) + self.root_pem

    def server(self, names: Sequence[str]) -> ServerIdentity:
        """A fresh certificate for a server that is reached by these DNS names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            self._builder(self._servers, key.public_key(), SERVER_LIFE)
            .subject_name(_name(names[0]))
            .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=True)
        )
        leaf = builder.sign(self._servers.key, hashes.SHA256())
        chain = (leaf, self._servers.certificate, self.root)
        return ServerIdentity(_key_pem(key), b"".join(part.public_bytes(_PEM) for part in chain))

    def agent(self, public_key: ec.EllipticCurvePublicKey, *, unit: str, agent_id: str) -> tuple[Certificate, ...]:
        """A certificate for an agent, leaf first, then its issuer."""
        identity = x509.UniformResourceIdentifier(f"spiffe://giamsat/unit/{unit}/agent/{agent_id}")
        builder = (
            self._builder(self._agents, public_key, AGENT_LIFE)
            .subject_name(x509.Name([]))
            .add_extension(x509.SubjectAlternativeName([identity]), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=True)
        )
        return builder.sign(self._agents.key, hashes.SHA256()), self._agents.certificate

    def _builder(
        self, issuer: Issuer, public_key: ec.EllipticCurvePublicKey, life: timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.fromtimestamp(self._clock.wall_ns() / 1e9, UTC)
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=False,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        )
        return (
            x509.CertificateBuilder()
            .issuer_name(issuer.certificate.subject)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATED)
            .not_valid_after(now + life)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(_signed_by(issuer.certificate.public_key()), critical=False)
        )


def open_authority(folder: Path, clock: Clock) -> Authority:
    """The authority whose keys are in `folder`; made there when the folder does not exist.

    Raises:
        StartError: the folder cannot be made or read, or others may read its keys.
    """
    try:
        if not folder.exists():
            _create(folder, clock)
        for key in folder.glob("*.key"):
            _must_be_private(key)
        root = x509.load_pem_x509_certificate((folder / "root.pem").read_bytes())
        servers = _load(folder, "servers")
        carrier = open_carrier(folder, servers.certificate, servers.key, clock)
        return Authority(root, _load(folder, "agents"), servers, carrier, clock)
    except (OSError, ValueError, TypeError) as error:
        raise StartError(
            f"{folder}: the certificate authority cannot be opened: {error}; restore the folder from the backup, "
            "or move it away to begin anew (every agent must then be enrolled again)"
        ) from error


def spki_sha256(key: ec.EllipticCurvePublicKey | object) -> bytes:
    """SHA-256 of a public key's SubjectPublicKeyInfo."""
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("only elliptic-curve keys are in use here")
    return hashlib.sha256(key.public_bytes(_DER, serialization.PublicFormat.SubjectPublicKeyInfo)).digest()


def _create(folder: Path, clock: Clock) -> None:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".ca-", dir=folder.parent))
    root_key = ec.generate_private_key(ec.SECP384R1())
    root = _issuer("giamsat root", root_key, None, ROOT_LIFE, clock).sign(root_key, hashes.SHA256())
    durable.create(fresh / "root.pem", root.public_bytes(_PEM))
    durable.create(fresh / "root.key", _key_pem(root_key))
    for name, purpose in (("agents", ExtendedKeyUsageOID.CLIENT_AUTH), ("servers", ExtendedKeyUsageOID.SERVER_AUTH)):
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _issuer(f"giamsat {name}", key, root, ISSUER_LIFE, clock)
        # Inherited by all below it: what the issuer of agents signs never counts as a server, and the reverse.
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
        certificate = builder.sign(root_key, hashes.SHA256())
        durable.create(fresh / f"{name}.pem", certificate.public_bytes(_PEM))
        durable.create(fresh / f"{name}.key", _key_pem(key))
    durable.sync(fresh)
    fresh.replace(folder)
    durable.sync(folder.parent)


def _issuer(
    name: str, key: ec.EllipticCurvePrivateKey, signer: Certificate | None, life: timedelta, clock: Clock
) -> x509.CertificateBuilder:
    now = datetime.fromtimestamp(clock.wall_ns() / 1e9, UTC)
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(signer.subject if signer else _name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + life)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0 if signer else 1), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_signed_by(signer.public_key() if signer else key.public_key()), critical=False)
    )


def _must_be_private(key: Path) -> None:
    if stat.S_IMODE(key.stat().st_mode) & 0o077:
        raise ValueError(f"{key} may be read by others; run: chmod 600 {key}")


def _load(folder: Path, name: str) -> Issuer:
    path = folder / f"{name}.key"
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} is not an elliptic-curve key")
    return Issuer(x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes()), key)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _signed_by(key: CertificatePublicKeyTypes) -> x509.AuthorityKeyIdentifier:
    """Names the signer's key; verifiers that hold to RFC 5280 strictly, such as Python 3.13, ask for it."""
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("only elliptic-curve keys are in use here")
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
