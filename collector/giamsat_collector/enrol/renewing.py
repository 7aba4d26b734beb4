# SPDX-License-Identifier: Apache-2.0
"""Renewal carried out: decided on rows, known to the allow list, a copied identity locked; and its gRPC edge."""

import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final, NoReturn, Protocol, TypeAlias

import grpc
import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection

from giamsat.v1 import enrol_pb2, enrol_pb2_grpc
from giamsat_collector.enrol import agents, issuing, renewal
from giamsat_collector.enrol.admission import NotAdmittedError
from giamsat_collector.enrol.agents import AllowList, Certified, Enrolled
from giamsat_collector.enrol.carrier import Carrier
from giamsat_collector.enrol.issuing import Issue
from giamsat_collector.enrol.renewal import CopiedIdentityError, RenewalRefusedError, Request
from giamsat_collector.enrol.signer import Signer, SignerError
from giamsat_collector.errors import StoreError
from giamsat_collector.signing.decision import SigningRefusedError
from giamsat_collector.signing.possession import KeyRefusedError, Keys, spki_sha256
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock

log = structlog.get_logger()

COPIED: Final = "agent-identity-copied"
RECOVERED: Final = "agent-certificate-recovered"

Decide: TypeAlias = Callable[[Connection, Request, Keys, Issue, int], tuple[Enrolled, Certified]]
Context: TypeAlias = grpc.aio.ServicerContext[enrol_pb2.RenewRequest, enrol_pb2.RenewReply]


class Remark(Protocol):
    """Writes down, in the same transaction, what the collector noticed of an agent, for the rules to judge."""

    def __call__(self, connection: Connection, agent: str, kind: str, fields: Mapping[str, str]) -> None:
        """`kind` is an event of the catalogue."""
        ...


class Renewing:
    """Gives agents their next certificate."""

    def __init__(
        self,
        *,
        store: Store,
        signer: Signer,
        carrier: Carrier,
        allow_list: AllowList,
        clock: Clock,
        remark: Remark,
    ) -> None:
        self.carrier = carrier
        self._store = store
        self._signer = signer
        self._allow_list = allow_list
        self._clock = clock
        self._remark = remark

    async def renew(self, request: Request) -> Certified:
        """For an agent whose certificate is good; refusals as `renewal.renew` and `Signer.agent`, and StoreError."""
        return await self._carry_out(renewal.renew, request)

    async def recover(self, request: Request) -> Certified:
        """For one whose certificate counts no longer; refusals as `renewal.recover`, `Signer.agent`, and StoreError."""

        def decide(
            connection: Connection, request: Request, keys: Keys, issue: Issue, now_ns: int
        ) -> tuple[Enrolled, Certified]:
            agent, issued = renewal.recover(
                connection, request, keys, issue, now_ns, vouched=self._signer.trust.vouches_for
            )
            if agent.current.expires_ns <= now_ns:
                self._remark(connection, agent.id, RECOVERED, {"giamsat.recovery_left": str(agent.recovery_left)})
            return agent, issued

        return await self._carry_out(decide, request)

    async def used(self, agent: Enrolled, certified: Certified) -> None:
        """A certificate that was pending has been presented: the one before it is over.

        Should the database refuse, its next use confirms it again.
        """
        self._allow_list.keep(replace(agent, current=certified, pending=None))
        with contextlib.suppress(StoreError):
            await self._store.write(lambda connection: agents.confirm(connection, agent.id, certified.generation))

    async def adopted(self, agent_id: str, leaf: x509.Certificate) -> bool:
        """Whether an agent's certificate is later than this collector knows of, and the signer's journal holds it.

        So it is when the collector was set back to a backup: what it has forgotten is written down again.
        """
        key = spki_sha256(leaf.public_key())
        with contextlib.suppress(StoreError, SignerError, SigningRefusedError, ValueError):
            if await self._store.read(lambda connection: agents.with_key(connection, key)) is not None:
                return False
            issued, chain = await self._signer.issued(agent_id), self._signer.trust.chain_of(leaf)
            if issued.spki_sha256 != key:
                return False
            certified = issuing.certified(chain, issued.generation, issued.at_ns)
            agent = await self._store.write(lambda connection: agents.catch_up(connection, agent_id, certified))
            self._allow_list.keep(agent)
            log.warning("certificate_adopted", agent=agent_id, generation=issued.generation)
            return True
        return False

    def reply(self, issued: Certified) -> enrol_pb2.RenewReply:
        """A certificate as the wire takes it, whom parcels are sealed for, and whom to trust."""
        chain = x509.load_pem_x509_certificates(issued.chain_pem)
        return enrol_pb2.RenewReply(
            generation=issued.generation,
            chain_der=[part.public_bytes(Encoding.DER) for part in chain],
            carrier_der=self.carrier.chain_der,
            roots_der=self._signer.trust.roots_der,
        )

    async def _carry_out(self, decide: Decide, request: Request) -> Certified:
        keys = renewal.proved(request)
        now = self._clock.wall_ns()
        try:
            agent, issued = await issuing.signed(
                self._store, self._signer, lambda c, issue: decide(c, request, keys, issue, now)
            )
        except CopiedIdentityError as error:
            await self._lock(request.agent_id, error.reason, now)
            raise
        self._allow_list.keep(agent)
        log.info("certificate_issued", agent=agent.id, generation=issued.generation)
        return issued

    async def _lock(self, agent_id: str, why: str, now_ns: int) -> None:
        def work(connection: Connection) -> Enrolled | None:
            agents.lock(connection, agent_id, why, now_ns)
            self._remark(connection, agent_id, COPIED, {"giamsat.reason": why})
            return agents.find(connection, agent_id)

        agent = await self._store.write(work)
        if agent is not None:
            self._allow_list.keep(agent)
        log.warning("agent_locked", agent=agent_id, reason=why)


class RenewalService(enrol_pb2_grpc.RenewalServicer):
    """Serves Renew to agents that hold a good certificate. `authenticate` is the ingest port's."""

    def __init__(self, renewing: Renewing, authenticate: Callable[[Context], Awaitable[str]]) -> None:
        self._renewing = renewing
        self._authenticate = authenticate
        self.refused_total: Counter[str] = Counter()

    async def Renew(  # noqa: N802 - the name stands in the .proto file
        self, request: enrol_pb2.RenewRequest, context: Context
    ) -> enrol_pb2.RenewReply:
        """The next certificate; who asks is known from the connection."""
        agent = ""
        try:
            agent = await self._authenticate(context)
            issued = await self._renewing.renew(asked(request, agent))
        except NotAdmittedError as error:
            await self._refuse(context, agent, str(error), error.sentence, grpc.StatusCode.PERMISSION_DENIED)
        except (RenewalRefusedError, KeyRefusedError) as error:
            await self._refuse(context, agent, error.reason, str(error), grpc.StatusCode.PERMISSION_DENIED)
        except SigningRefusedError as error:
            await self._refuse(context, agent, f"signer_{error.reason}", str(error), grpc.StatusCode.PERMISSION_DENIED)
        except (StoreError, SignerError) as error:
            await self._refuse(context, agent, *unavailable(error), grpc.StatusCode.UNAVAILABLE)
        return self._renewing.reply(issued)

    async def _refuse(
        self, context: Context, agent: str, reason: str, sentence: str, code: grpc.StatusCode
    ) -> NoReturn:
        self.refused_total[reason] += 1
        log.warning("renewal_refused", agent=agent, reason=reason)
        await context.abort(code, sentence)
        raise AssertionError("abort does not return")


def unavailable(error: StoreError | SignerError) -> tuple[str, str]:
    """Why nothing can be issued just now, as a reason and as a sentence for the host."""
    if isinstance(error, SignerError):
        return "signer", "the collector's signer does not answer now; try again, and tell the SOC if it goes on"
    return "store", "the collector cannot write now; try again, and tell the SOC if it goes on"


def asked(request: enrol_pb2.RenewRequest, agent: str) -> Request:
    """A request as the wire brings it; who asks is given by the edge."""
    return Request(
        agent_id=agent,
        generation=request.generation,
        csr_der=request.csr_der,
        bound_spki_der=request.bound_spki_der,
        bound_signature=request.bound_signature,
        machine_id=request.evidence.machine_id[:64],
        takes_roots=request.takes_roots,
    )
