# SPDX-License-Identifier: Apache-2.0
"""Certificates as a check sees them: whom to trust, what was shown, and until when it is valid."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from giamsat_agent.check import Run, UntrustedError, UnusableError

CHAIN: Final = 10
"""Certificates of one chain that are looked at."""
CONTEXTS: Final = 16
NAMES: Final = 8
"""Names of one certificate that are shown."""
_DER: Final = 2
"""ENCODING_DER of the module below ssl."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate somebody showed."""

    subject: str
    issuer: str
    serial: str
    names: str
    fingerprint: str
    not_after: datetime

    @classmethod
    def parse(cls, der: bytes) -> "Shown":
        """Understand a certificate in DER.

        Raises:
            ValueError: it is none.
        """
        one = x509.load_der_x509_certificate(der)
        return cls(
            subject=one.subject.rfc4514_string(),
            issuer=one.issuer.rfc4514_string(),
            serial=f"{one.serial_number:x}",
            names=_names(one),
            fingerprint=one.fingerprint(hashes.SHA256()).hex(),
            not_after=one.not_valid_after_utc,
        )


def trusting(
    ca_file: str, *, verify: bool, newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
) -> ssl.SSLContext:
    """How TLS is spoken: verified against a file of authorities, the host's own when there is none, or not at all.

    `newest` is for protocols that cannot carry every version.

    Raises:
        UnusableError: the file holds no certificates or cannot be read.
    """
    try:
        changed = Path(ca_file).stat().st_mtime_ns if ca_file else 0
        return _context(ca_file, changed, verify=verify, newest=newest)
    except (OSError, ssl.SSLError) as error:
        raise UnusableError(
            f"{ca_file}: không đọc được chứng thư nào trong tệp / no certificates can be read from it: {error}"
        ) from error


@lru_cache(maxsize=CONTEXTS)
def _context(ca_file: str, changed: int, *, verify: bool, newest: ssl.TLSVersion) -> ssl.SSLContext:
    del changed  # only tells one version of the file from the next
    context = ssl.create_default_context(cafile=ca_file or None)
    context.maximum_version = newest
    # A default of Python 3.13 refuses authorities without an Authority Key Identifier, as many made by hand are and
    # browsers take them: what a check finds must not depend on the Python it runs on.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def report(run: Run, tls: ssl.SSLObject) -> None:
    """Report what a TLS connection turned out to be, and until when the certificates shown are valid.

    Raises:
        UntrustedError: what was shown are no certificates.
    """
    run.set("probe_tls_version_info", 1, version=(tls.version() or "").replace("TLSv", "TLS "))
    cipher = tls.cipher()
    run.set("probe_tls_cipher_info", 1, cipher=cipher[0] if cipher else "")
    try:
        chain = [Shown.parse(der) for der in _chain(tls)[:CHAIN]]
    except ValueError as error:
        raise UntrustedError(f"what it shows is no certificate: {error}") from error
    if not chain:
        raise UntrustedError("it shows no certificate")
    run.set("probe_ssl_earliest_cert_expiry", min(one.not_after for one in chain).timestamp())
    leaf = chain[0]
    run.set(
        "probe_ssl_last_chain_info",
        1,
        fingerprint_sha256=leaf.fingerprint,
        issuer=leaf.issuer,
        serialnumber=leaf.serial,
        subject=leaf.subject,
        subjectalternative=leaf.names,
    )


def _chain(tls: ssl.SSLObject) -> Sequence[bytes]:
    """The certificates as the other end showed them, its own first."""
    public: Any = getattr(tls, "get_unverified_chain", None)
    if public is not None:
        return list(public())
    # Before Python 3.13 only the object inside the SSLObject tells more than the first certificate.
    inner: Any = tls._sslobj  # type: ignore[attr-defined]  # noqa: SLF001
    return [each.public_bytes(_DER) for each in inner.get_unverified_chain() or ()]


def _names(certificate: x509.Certificate) -> str:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return ",".join(found.get_values_for_type(x509.DNSName)[:NAMES])
    except (x509.ExtensionNotFound, ValueError):
        return ""


def in_pem(data: bytes) -> list[datetime]:
    """Until when each certificate in a PEM file is valid.

    Raises:
        ValueError: it holds none.
    """
    return [one.not_valid_after_utc for one in x509.load_pem_x509_certificates(data)]
