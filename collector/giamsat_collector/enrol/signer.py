# SPDX-License-Identifier: Apache-2.0
"""The collector's end of the signer: asks for certificates over a socket, holds no key of the authority.

While the signer does not answer, enrolment and renewal say so and are tried again; nothing else waits for it.
"""

import asyncio
import base64
import contextlib
import json
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_collector.errors import CollectorError, StartError
from giamsat_collector.signing.certificates import Certificate
from giamsat_collector.signing.decision import SigningRefusedError, Wanted
from giamsat_collector.signing.possession import spki_sha256

log = structlog.get_logger()

PATIENCE_S: Final = 5.0
START_S: Final = 20.0
ANSWER_BYTES: Final = 256 << 10
_PEM: Final = serialization.Encoding.PEM

Ask: TypeAlias = Callable[[Mapping[str, Any]], Coroutine[None, None, Mapping[str, Any]]]


class SignerError(CollectorError):
    """The signer does not answer; what needed it is tried again."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom hosts and servers are to trust now: every root, the one that signs first.

    `version` counts the roots there have been; while `rotating` the one before is trusted as well. `issued` and
    `broken` count the lines of the signer's journal, and those that do not follow the one before.
    """

    version: int
    rotating: bool
    roots: tuple[Certificate, ...]
    client_roots_pem: bytes
    issued: int = 0
    broken: int = 0

    @property
    def root(self) -> Certificate:
        """The root that signs."""
        return self.roots[0]

    @property
    def root_spki_sha256(self) -> bytes:
        """The hash tokens pin the root by."""
        return spki_sha256(self.root.public_key())

    def vouches_for(self, chain_pem: bytes) -> bool:
        """Whether one of the roots has signed the issuer of a certificate."""
        issuer = x509.load_pem_x509_certificates(chain_pem)[-1]
        return any(signed(issuer, root) for root in self.roots)

    def chain_of(self, leaf: Certificate) -> tuple[Certificate, ...]:
        """An agent's certificate and its issuer; ValueError when it has none here."""
        for issuer in x509.load_pem_x509_certificates(self.client_roots_pem):
            if signed(leaf, issuer):
                return leaf, issuer
        raise ValueError("it was issued by nobody who is trusted now")

    @property
    def roots_der(self) -> list[bytes]:
        """Every root, as the wire takes it."""
        return [root.public_bytes(serialization.Encoding.DER) for root in self.roots]

    @property
    def roots_pem(self) -> bytes:
        """Every root, as a file holds it."""
        return b"".join(root.public_bytes(_PEM) for root in self.roots)


@dataclass(frozen=True, slots=True)
class Issued:
    """The last certificate the signer's journal holds for an agent; of generation 0 when it holds none."""

    generation: int
    spki_sha256: bytes
    at_ns: int


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """What a TLS server needs, as PEM: its key, its chain from the leaf to the roots, and the roots of its clients."""

    key: bytes
    chain: bytes
    client_roots: bytes


class Signer:
    """Asks the signer. Open it with `opened`: then `trust` is known."""

    def __init__(self, ask: Ask, trust: Trust) -> None:
        self._ask = ask
        self.trust = trust
        self.up = True
        self.signed_total = 0
        self.failures_total: Counter[str] = Counter()

    @classmethod
    async def opened(cls, ask: Ask) -> "Signer":
        """A signer that has answered.

        Raises:
            StartError: it did not within 20 s.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + START_S
        while True:
            try:
                return cls(ask, _trust(await ask({"do": "roots"})))
            except SignerError as error:
                if loop.time() >= until:
                    raise StartError(str(error)) from error
                await asyncio.sleep(0.05)

    async def look(self) -> bool:
        """Learn whom to trust now; whether that has changed. A signer that does not answer changes nothing."""
        with contextlib.suppress(SignerError, SigningRefusedError):
            before, self.trust = self.trust, _trust(await self._answered({"do": "roots"}))
            return (before.version, before.rotating) != (self.trust.version, self.trust.rotating)
        return False

    async def agent(self, wanted: Wanted) -> tuple[Certificate, ...]:
        """A certificate for an agent, leaf first, then its issuer.

        Raises:
            SignerError: it does not answer.
            SigningRefusedError: it says no.
        """
        return await self._chain(
            {
                "do": "agent",
                "agent": wanted.agent_id,
                "unit": wanted.unit,
                "generation": wanted.generation,
                "token": wanted.token,
                "csr": _text(wanted.csr_der),
                "bound": _text(wanted.bound_spki_der),
                "signature": _text(wanted.bound_signature),
            }
        )

    async def issued(self, agent_id: str) -> Issued:
        """What was signed for an agent last; errors as for `agent`."""
        answer = await self._answered({"do": "issued", "agent": agent_id})
        try:
            return Issued(int(answer["generation"]), bytes.fromhex(answer["spki"]), int(answer["at_ns"]))
        except (KeyError, TypeError, ValueError) as error:
            raise SignerError("the signer is of an earlier version; install it anew, and start it") from error

    async def server(self, names: Sequence[str]) -> ServerIdentity:
        """A fresh key, made here, and a certificate for a server of these names; errors as for `agent`."""
        key = ec.generate_private_key(ec.SECP256R1())
        chain = await self._chain({"do": "server", "names": list(names), "csr": _text(_request(key))})
        pkcs8 = serialization.PrivateFormat.PKCS8
        return ServerIdentity(
            key.private_bytes(_PEM, pkcs8, serialization.NoEncryption()),
            b"".join(part.public_bytes(_PEM) for part in chain),
            self.trust.client_roots_pem,
        )

    async def carrier(self, key: ec.EllipticCurvePrivateKey) -> tuple[Certificate, ...]:
        """A certificate for the key parcels are sealed for, then its issuer; errors as for `agent`."""
        return await self._chain({"do": "carrier", "csr": _text(_request(key))})

    async def _chain(self, request: Mapping[str, Any]) -> tuple[Certificate, ...]:
        answer = await self._answered(request)
        self.signed_total += 1
        return tuple(x509.load_pem_x509_certificate(part.encode()) for part in answer["chain"])

    async def _answered(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer = await self._ask(request)
        except SignerError:
            self.failures_total["no_answer"] += 1
            if self.up:
                log.error("signer_gone")  # noqa: TRY400 - enrolment and renewal say why
            self.up = False
            raise
        if not self.up:
            log.info("signer_back")
        self.up = True
        if "refused" in answer:
            self.failures_total[str(answer["refused"])[:32]] += 1
            raise SigningRefusedError(str(answer["refused"])[:32], str(answer.get("sentence", ""))[:400])
        return answer


def at(path: Path) -> Ask:
    """Ask the signer whose socket is at `path`: one connection for one request."""

    async def ask(request: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(PATIENCE_S):
                reader, writer = await asyncio.open_unix_connection(path, limit=ANSWER_BYTES)
                with contextlib.closing(writer):
                    writer.write(json.dumps(request).encode() + b"\n")
                    answer = json.loads(await reader.readline())
        except (OSError, TimeoutError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it does not answer"
            raise SignerError(
                f"{path}: the signer, which holds the keys of the certificate authority, is not there ({why}); "
                "look at giamsat-signer.service, or at [authority] signer in the file"
            ) from error
        if not isinstance(answer, dict):
            raise SignerError(f"{path}: what answers there is no signer; set [authority] signer in the file")
        return answer

    return ask


def signed(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether a certificate was signed by the key of an issuer."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _trust(answer: Mapping[str, Any]) -> Trust:
    try:
        return Trust(
            version=int(answer["version"]),
            rotating=bool(answer["rotating"]),
            roots=tuple(x509.load_pem_x509_certificate(part.encode()) for part in answer["roots"]),
            client_roots_pem=str(answer["client_roots"]).encode(),
            issued=int(answer["issued"]),
            broken=int(answer["broken"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        said = answer.get("sentence", "it answers something else than a signer")
        raise SignerError(f"the signer does not serve this collector: {said}") from error


def _request(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A request that says nothing but the public key."""
    empty = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return empty.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
