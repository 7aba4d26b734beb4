# SPDX-License-Identifier: Apache-2.0
"""Who is at the other end of a stream: from the client certificate and the allow list, and from nothing else."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import grpc
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from giamsat_collector.enrol.agents import Enrolled
from giamsat_collector.enrol.authority import spki_sha256

IDENTITY: Final = re.compile(
    r"\Aspiffe://giamsat/unit/(?P<unit>[A-Za-z0-9._-]{1,64})/agent/"
    r"(?P<agent>[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\Z"
)


def authenticate(auth_context: Mapping[str, Iterable[bytes]], find: Callable[[str], Enrolled | None]) -> str:
    """The id of the enrolled agent that holds this connection.

    Raises:
        PermissionError: no certificate, not one of ours, not on the allow list, or revoked; the text is the reason.
    """
    presented = tuple(auth_context.get("x509_pem_cert", ()))
    if len(presented) != 1:
        raise PermissionError("no_certificate")
    try:
        certificate = x509.load_pem_x509_certificate(presented[0])
        names = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
        fingerprint = spki_sha256(certificate.public_key())
    except (ValueError, TypeError, x509.ExtensionNotFound) as error:
        raise PermissionError("malformed_certificate") from error
    uris = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]  # type: ignore[attr-defined]
    found = IDENTITY.match(uris[0]) if len(uris) == len(list(names)) == 1 else None  # type: ignore[call-overload]
    if found is None:
        raise PermissionError("malformed_identity")
    agent = find(found["agent"])
    if agent is None or agent.unit != found["unit"]:
        raise PermissionError("unknown_agent")
    if agent.revoked_ns is not None:
        raise PermissionError(f"revoked: {agent.revoked_why}")
    if agent.spki_sha256 != fingerprint or agent.serial != f"{certificate.serial_number:x}":
        raise PermissionError("superseded_certificate")
    return agent.id


def of_call(find: Callable[[str], Enrolled | None]) -> Callable[[grpc.aio.ServicerContext], str]:  # type: ignore[type-arg]
    """`authenticate` for the context of a gRPC call."""
    return lambda context: authenticate(context.auth_context(), find)
