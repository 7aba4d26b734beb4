# SPDX-License-Identifier: Apache-2.0
"""Who is at the other end of a stream: from the client certificate and the allow list, and from nothing else."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import grpc
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from giamsat_collector.enrol.admission import NotAdmittedError, not_admitted
from giamsat_collector.enrol.agents import AllowList, Certified, Enrolled
from giamsat_collector.enrol.carrier import Carrier
from giamsat_collector.enrol.renewing import Renewing
from giamsat_collector.enrol.signer import Signer
from giamsat_collector.ingest import notices as notice
from giamsat_collector.ingest.notices import Notices
from giamsat_collector.signing.possession import spki_sha256
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock

IDENTITY: Final = re.compile(
    r"\Aspiffe://giamsat/unit/(?P<unit>[A-Za-z0-9._-]{1,64})/agent/"
    r"(?P<agent>[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\Z"
)


SUPERSEDED: Final = "superseded_certificate"

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Caller: TypeAlias = Callable[[Context], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Peer:
    """An enrolled agent, and which of its certificates it came with."""

    agent: Enrolled
    certified: Certified


class SupersededError(NotAdmittedError):
    """The certificate was replaced by a later one that has been used: this is a copy, or a host that was set back."""

    def __init__(self, agent: str, certificate: x509.Certificate) -> None:
        self.agent = agent
        self.certificate = certificate
        super().__init__(SUPERSEDED)


def authenticate(auth_context: Mapping[str, Iterable[bytes]], find: Callable[[str], Enrolled | None]) -> Peer:
    """The enrolled agent that holds this connection.

    Raises:
        NotAdmittedError: no certificate, not one of ours, not on the allow list, or refused; the text is the reason.
        SupersededError: one of ours, and over.
    """
    presented = tuple(auth_context.get("x509_pem_cert", ()))
    if len(presented) != 1:
        raise NotAdmittedError("no_certificate")
    try:
        certificate = x509.load_pem_x509_certificate(presented[0])
        names = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
        fingerprint = spki_sha256(certificate.public_key())
    except Exception as error:  # whatever a parser of certificates does with one that is not ours
        raise NotAdmittedError("malformed_certificate") from error
    uris = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]  # type: ignore[attr-defined]
    found = IDENTITY.match(uris[0]) if len(uris) == len(list(names)) == 1 else None  # type: ignore[call-overload]
    if found is None:
        raise NotAdmittedError("malformed_identity")
    agent = find(found["agent"])
    if agent is None or agent.unit != found["unit"]:
        raise NotAdmittedError("unknown_agent")
    if agent.refused is not None:
        raise not_admitted(agent.refused)
    shown = (fingerprint, f"{certificate.serial_number:x}")
    for certified in (agent.current, agent.pending):
        if certified is not None and (certified.spki_sha256, certified.serial) == shown:
            return Peer(agent, certified)
    raise SupersededError(agent.id, certificate)


def of_call(
    find: Callable[[str], Enrolled | None],
    *,
    used: Callable[[Enrolled, Certified], Awaitable[None]],
    adopted: Callable[[str, x509.Certificate], Awaitable[bool]],
    superseded: Callable[[str], Awaitable[None]],
) -> Caller:
    """Who makes a gRPC call: the id of an enrolled agent, or NotAdmittedError.

    `used` hears of a certificate that was pending until now, `superseded` of an agent whose old one was presented,
    `adopted` says whether what seems so is a later one, which was forgotten with what came after a backup.
    """

    async def caller(context: Context) -> str:
        try:
            peer = authenticate(context.auth_context(), find)
        except SupersededError as error:
            if await adopted(error.agent, error.certificate):
                return error.agent
            await superseded(error.agent)
            raise
        if peer.certified is peer.agent.pending:
            await used(peer.agent, peer.certified)
        return peer.agent.id

    return caller


def admitting(
    *, store: Store, signer: Signer, carrier: Carrier, allow_list: AllowList, clock: Clock, notices: Notices
) -> tuple[Renewing, Caller]:
    """How agents get their next certificate, and who makes a call: one hears of what the other finds."""
    renewing = Renewing(
        store=store, signer=signer, carrier=carrier, allow_list=allow_list, clock=clock, remark=notices.remark
    )
    caller = of_call(
        allow_list.find,
        used=renewing.used,
        adopted=renewing.adopted,
        superseded=lambda agent: notices.saw(agent, notice.SUPERSEDED),
    )
    return renewing, caller
