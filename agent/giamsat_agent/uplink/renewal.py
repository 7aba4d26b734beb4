# SPDX-License-Identifier: Apache-2.0
"""The next certificate, in a program of its own: `python -m giamsat_agent.uplink.renewal STATE HOST:PORT`.

It runs for a moment every few days, so the daemon need not carry what making keys takes. The key of the next
certificate is on the disk before the request is sent; whatever is lost on the way, the next try asks the same.
A certificate that expired, or whose root is no longer trusted, is replaced at the enrolment port, where the bound key
alone speaks for this host.
"""

import hashlib
import sys
from pathlib import Path
from typing import Final

import grpc

from giamsat.v1 import enrol_pb2, enrol_pb2_grpc
from giamsat_agent.errors import AgentError, RejectedError, TransportError
from giamsat_agent.uplink import identity as identities
from giamsat_agent.uplink import keys
from giamsat_agent.uplink.dialling import options
from giamsat_agent.uplink.failure import said
from giamsat_agent.uplink.host_binding import machine_id
from giamsat_agent.uplink.identity import Identity
from giamsat_wire import limits
from giamsat_wire.clock import Clock, SystemClock

PATIENCE_S: Final = 30.0
REJECTED: Final = 3
"""Exit code: the collector refuses; trying again does not help."""
_PERMANENT: Final = {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.INVALID_ARGUMENT}
_OPTIONS: Final = options(limits.MESSAGE_BYTES)


def renew(folder: Path, collector: str, clock: Clock) -> Identity:
    """Get the next certificate from the collector at HOST:PORT (ingest) and put it in force.

    Raises:
        RejectedError: the collector refuses; what to do is in the message.
        TransportError: the collector cannot be reached now.
        IdentityError: the identity cannot be read or written.
    """
    identity = identities.load(folder)
    key = keys.load(identities.next_key(folder, identity, lambda: keys.pem(keys.fresh())), str(folder))
    bound = keys.load(identities.bound_key(folder), str(folder))
    request = _request(identity, keys.certificate_request(key), keys.public_der(bound))
    request.bound_signature = keys.sign(bound, _transcript(request))
    expired = clock.wall_ns() >= identity.validity.until_s * 1_000_000_000
    stranded = expired or not keys.vouched(identity.chain, identity.roots)
    reply = _recover(identity, request) if stranded else _renew(identity, collector, request)
    chain, validity = keys.chain_pem(list(reply.chain_der))
    roots = keys.roots_pem(list(reply.roots_der))
    if roots not in {b"", identity.roots}:
        _must_reach(collector, grpc.ssl_channel_credentials(roots, keys.pem(key), chain))
    carrier = keys.pem_of(list(reply.carrier_der))
    return identities.advance(folder, identity, chain, validity, carrier=carrier, roots=roots)


def _request(identity: Identity, csr_der: bytes, bound_spki_der: bytes) -> enrol_pb2.RenewRequest:
    return enrol_pb2.RenewRequest(
        agent_id=identity.agent_id,
        generation=identity.generation,
        csr_der=csr_der,
        bound_spki_der=bound_spki_der,
        evidence=enrol_pb2.Evidence(machine_id=machine_id()),
        takes_roots=True,
    )


def _transcript(request: enrol_pb2.RenewRequest) -> bytes:
    """What the bound key signs: who asks, which certificate is to be replaced, and the request."""
    return hashlib.sha256(f"renew {request.agent_id} {request.generation} ".encode() + request.csr_der).digest()


def _renew(identity: Identity, collector: str, request: enrol_pb2.RenewRequest) -> enrol_pb2.RenewReply:
    credentials = grpc.ssl_channel_credentials(identity.roots, identity.key, identity.chain)
    with grpc.secure_channel(collector, credentials, options=_OPTIONS) as channel:
        stub = enrol_pb2_grpc.RenewalStub(channel)  # type: ignore[no-untyped-call]
        return _asked(collector, stub.Renew, request)


def _recover(identity: Identity, request: enrol_pb2.RenewRequest) -> enrol_pb2.RenewReply:
    credentials = grpc.ssl_channel_credentials(identity.roots)
    with grpc.secure_channel(identity.enrolment, credentials, options=_OPTIONS) as channel:
        stub = enrol_pb2_grpc.EnrolStub(channel)  # type: ignore[no-untyped-call]
        return _asked(identity.enrolment, stub.Recover, request)


def _must_reach(collector: str, credentials: grpc.ChannelCredentials) -> None:
    """Before other roots are trusted: by them, the collector must be believed. Else it could never be reached again."""
    with grpc.secure_channel(collector, credentials, options=_OPTIONS) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=PATIENCE_S)
        except grpc.FutureTimeoutError as error:
            raise TransportError(
                f"{collector}: chứng thư gốc mới mà nó nêu không xác nhận được chính nó; chưa đổi gì, sẽ thử lại / "
                "it names new roots, by which it cannot be believed itself; nothing was changed, it is tried again"
            ) from error


def _asked(
    address: str,
    call: "grpc.UnaryUnaryMultiCallable[enrol_pb2.RenewRequest, enrol_pb2.RenewReply]",
    request: enrol_pb2.RenewRequest,
) -> enrol_pb2.RenewReply:
    try:
        return call(request, timeout=PATIENCE_S)
    except grpc.RpcError as error:
        if error.code() in _PERMANENT:
            raise RejectedError(f"{address}: {said(str(error.details()))}") from error
        raise TransportError(
            f"{address}: {said(str(error.details()))}; agent tự thử lại / it is tried again"
        ) from error


def main() -> int:
    """Renew once; what went wrong is one line on standard error."""
    try:
        identity = renew(Path(sys.argv[1]), sys.argv[2], SystemClock())
    except AgentError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the daemon that started this reads it
        return REJECTED if isinstance(error, RejectedError) else 1
    print(identity.generation)  # noqa: T201 - so it is here
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
