# SPDX-License-Identifier: Apache-2.0
"""The gRPC edge of enrolment: its own port, TLS without a client certificate, three calls."""

import ipaddress
import uuid
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn, TypeAlias
from urllib.parse import unquote

import grpc
import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection

from giamsat.v1 import enrol_pb2, enrol_pb2_grpc
from giamsat_collector.enrol import issuing, redemption, renewing, tokens
from giamsat_collector.enrol.agents import AllowList, Enrolled
from giamsat_collector.enrol.emergency import Emergency
from giamsat_collector.enrol.issuing import Issue
from giamsat_collector.enrol.redemption import Request
from giamsat_collector.enrol.renewal import RenewalRefusedError
from giamsat_collector.enrol.renewing import Renewing
from giamsat_collector.enrol.signer import Signer, SignerError
from giamsat_collector.enrol.tokens import TokenError
from giamsat_collector.errors import StartError, StoreError
from giamsat_collector.signing.decision import SigningRefusedError
from giamsat_collector.signing.possession import KeyRefusedError
from giamsat_collector.store import Store
from giamsat_wire import limits
from giamsat_wire.clock import Clock

log = structlog.get_logger()

TRIES_PER_MINUTE: Final = 10
"""Per address, or per network of 64 bits in IPv6; counted before anything is verified."""
NETWORKS: Final = 10_000
REQUEST_BYTES: Final = 16 << 10
_MINUTE_NS: Final = 60 * 1_000_000_000
OPTIONS: Final = (
    ("grpc.max_receive_message_length", REQUEST_BYTES),
    ("grpc.max_metadata_size", limits.METADATA_BYTES),
    ("grpc.max_concurrent_streams", 2),
    ("grpc.server_handshake_timeout_ms", 20_000),
    ("grpc.max_connection_idle_ms", 60_000),
    # A call whose request never comes is not idle; nobody proved who he is, so the connection ends all the same.
    ("grpc.max_connection_age_ms", 120_000),
    ("grpc.max_connection_age_grace_ms", 30_000),
    ("grpc.so_reuseport", 0),
)

Context: TypeAlias = (
    "grpc.aio.ServicerContext[enrol_pb2.RedeemRequest, enrol_pb2.RedeemReply]"
    " | grpc.aio.ServicerContext[enrol_pb2.RenewRequest, enrol_pb2.RenewReply]"
    " | grpc.aio.ServicerContext[enrol_pb2.EmergencyRequest, enrol_pb2.EmergencyReply]"
)


class EnrolService(enrol_pb2_grpc.EnrolServicer):
    """Serves Redeem, Recover and Emergency.

    `host_enrolled` runs in the enrolling transaction and gives the host its place in the registry; `reload` makes
    that place known afterwards.
    """

    def __init__(
        self,
        *,
        store: Store,
        signer: Signer,
        allow_list: AllowList,
        clock: Clock,
        host_enrolled: Callable[[Connection, Enrolled, str | None], None],
        reload: Callable[[], Awaitable[None]],
        renewing: Renewing,
        emergency: Emergency,
    ) -> None:
        self._emergency = emergency
        self._renewing = renewing
        self._store = store
        self._signer = signer
        self._allow_list = allow_list
        self._clock = clock
        self._host_enrolled = host_enrolled
        self._reload = reload
        self._tries: OrderedDict[str, list[int]] = OrderedDict()
        self.refused_total: Counter[str] = Counter()

    async def Redeem(  # noqa: N802 - the name stands in the .proto file
        self, request: enrol_pb2.RedeemRequest, context: Context
    ) -> enrol_pb2.RedeemReply:
        """A certificate for a token."""
        address = await self._counted(context)
        try:
            agent = await self.redeem(requested(request), redemption.REPEAT_NS, address)
        except TokenError as error:
            await self._refuse(context, error.reason, str(error), grpc.StatusCode.PERMISSION_DENIED)
        except KeyRefusedError as error:
            await self._refuse(context, error.reason, str(error), grpc.StatusCode.INVALID_ARGUMENT)
        except SigningRefusedError as error:
            await self._refuse(context, f"signer_{error.reason}", str(error), grpc.StatusCode.PERMISSION_DENIED)
        except (StoreError, SignerError) as error:
            await self._refuse(context, *renewing.unavailable(error), grpc.StatusCode.UNAVAILABLE)
        log.info("agent_enrolled", agent=agent.id, unit=agent.unit, token=agent.token, address=address)
        return self.reply(agent)

    def reply(self, agent: Enrolled) -> enrol_pb2.RedeemReply:
        """What an agent that was just enrolled is told."""
        chain = x509.load_pem_x509_certificates(agent.current.chain_pem)
        return enrol_pb2.RedeemReply(
            agent_id=agent.id,
            unit=agent.unit,
            chain_der=[part.public_bytes(Encoding.DER) for part in chain],
            roots_der=self._signer.trust.roots_der,
            carrier_der=self._renewing.carrier.chain_der,
        )

    async def Recover(  # noqa: N802 - the name stands in the .proto file
        self, request: enrol_pb2.RenewRequest, context: Context
    ) -> enrol_pb2.RenewReply:
        """The next certificate for an agent whose last one has expired."""
        address = await self._counted(context)
        try:
            issued = await self._renewing.recover(renewing.asked(request, request.agent_id[:36]))
        except (RenewalRefusedError, KeyRefusedError) as error:
            await self._refuse(context, error.reason, str(error), grpc.StatusCode.PERMISSION_DENIED)
        except SigningRefusedError as error:
            await self._refuse(context, f"signer_{error.reason}", str(error), grpc.StatusCode.PERMISSION_DENIED)
        except (StoreError, SignerError) as error:
            await self._refuse(context, *renewing.unavailable(error), grpc.StatusCode.UNAVAILABLE)
        log.warning("agent_recovered", agent=request.agent_id[:36], address=address)
        return self._renewing.reply(issued)

    async def Emergency(  # noqa: N802 - the name stands in the .proto file
        self, _request: enrol_pb2.EmergencyRequest, context: Context
    ) -> enrol_pb2.EmergencyReply:
        """Whom to trust, as those who hold the offline keys say: the same for all, no more work than a handshake."""
        if self._emergency.reply is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, "nothing of that kind was published")
        return self._emergency.reply

    async def _counted(self, context: Context) -> str:
        """The caller's address; whoever tries too often goes no further."""
        address = _address(context.peer())
        if not self._may_try(_network(address)):
            self.refused_total["too_many_tries"] += 1  # without a line for each: they would fill the log
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many tries; wait a minute")
        return address

    async def redeem(self, wanted: Request, repeat_ns: int, address: str | None) -> Enrolled:
        """Enrol a host at this address, None when it does not connect; for `repeat_ns` the same answer is repeated.

        Raises:
            TokenError, KeyRefusedError, SigningRefusedError: it is not accepted.
            SignerError, StoreError: nothing can be issued now.
        """
        keys = redemption.proved(wanted)
        now, agent_id = self._clock.wall_ns(), str(uuid.uuid4())

        def work(connection: Connection, issue: Issue) -> Enrolled:
            agent, grant = redemption.redeem(
                connection,
                wanted,
                keys,
                address=address,
                agent_id=agent_id,
                issue=issue,
                now_ns=now,
                repeat_ns=repeat_ns,
            )
            if grant is not None:
                self._host_enrolled(connection, agent, grant.system)
            return agent

        try:
            agent = await issuing.signed(self._store, self._signer, work)
        except TokenError as error:
            if error.reason == "wrong_secret":
                await self._store.write(lambda connection: tokens.failed(connection, wanted.token_id))
            raise
        self._allow_list.keep(agent)
        await self._reload()
        return agent

    def _may_try(self, network: str) -> bool:
        now = self._clock.mono_ns()
        tries = [at for at in self._tries.pop(network, []) if now - at < _MINUTE_NS]
        allowed = len(tries) < TRIES_PER_MINUTE
        self._tries[network] = [*tries, now] if allowed else tries
        while len(self._tries) > NETWORKS:
            self._tries.popitem(last=False)
        return allowed

    async def _refuse(self, context: Context, reason: str, sentence: str, code: grpc.StatusCode) -> NoReturn:
        self.refused_total[reason] += 1
        log.warning("enrolment_refused", reason=reason, address=_address(context.peer()))
        await context.abort(code, sentence)
        raise AssertionError("abort does not return")


def requested(request: enrol_pb2.RedeemRequest) -> Request:
    """A request as the wire brings it."""
    return Request(
        token_id=request.token_id[:64],
        secret=request.secret[:64],
        csr_der=request.csr_der,
        bound_spki_der=request.bound_spki_der,
        bound_signature=request.bound_signature,
        hostname=request.evidence.hostname,
        machine_id=request.evidence.machine_id,
        os=request.evidence.os,
        takes_roots=request.takes_roots,
    )


def build(service: EnrolService, address: str, credentials: grpc.ServerCredentials) -> tuple[grpc.aio.Server, int]:
    """A server that is not started yet, and the port it has taken.

    Raises:
        StartError: the address cannot be listened on.
    """
    server = grpc.aio.server(options=OPTIONS)
    enrol_pb2_grpc.add_EnrolServicer_to_server(service, server)  # type: ignore[no-untyped-call]
    try:
        port = server.add_secure_port(address, credentials)
    except RuntimeError as error:
        raise StartError(
            f"{address}: enrolment cannot be served there: the port is taken or the address is not this host's; "
            "free it, or set listen.enrol"
        ) from error
    return server, port


def _address(peer: str) -> str:
    """The address of `ipv4:192.0.2.1:4711` or `ipv6:%5B2001:db8::1%5D:4711`."""
    return unquote(peer.partition(":")[2].rpartition(":")[0]).strip("[]")


def _network(address: str) -> str:
    """What shares one count of tries: whoever has one address of IPv6 has the whole network of 64 bits."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address
