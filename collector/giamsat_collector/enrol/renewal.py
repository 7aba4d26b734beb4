# SPDX-License-Identifier: Apache-2.0
"""A certificate against the next one. Works on rows and values only; the gRPC edges are `service` and `renewing`.

Each certificate of an agent has a generation. The next one is pending until it is used; a request that is repeated
because its answer was lost has the same key and gets the same answer. Two keys that ask for the same generation, or
a request from a generation that is over, mean that the identity was copied or set back: only an operator can say
which of the two hosts is the right one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete
from sqlalchemy.exc import IntegrityError

from giamsat_collector.enrol import agents, issuing
from giamsat_collector.enrol.admission import SENTENCES, not_admitted
from giamsat_collector.enrol.agents import Certified, Enrolled
from giamsat_collector.enrol.issuing import Issue
from giamsat_collector.enrol.tables import certificates
from giamsat_collector.errors import RefusedError
from giamsat_collector.signing import possession
from giamsat_collector.signing.decision import Wanted
from giamsat_collector.signing.possession import KeyRefusedError, Keys, spki_sha256


class RenewalRefusedError(RefusedError):
    """No certificate is given. `reason` is for our log and counters."""

    def __init__(self, reason: str, sentence: str) -> None:
        self.reason = reason
        super().__init__(sentence)


class CopiedIdentityError(RenewalRefusedError):
    """Two hosts hold this identity, or one was set back to an earlier state."""

    def __init__(self) -> None:
        super().__init__(
            "identity_copied",
            "danh tính này có ở hai máy, hoặc được khôi phục từ một bản sao; cả hai đã bị khóa, hãy báo đầu mối để "
            "ghi danh lại máy này / "
            "this identity is held by two hosts, or was restored from a copy; both are locked. Ask the SOC: this host "
            "must be enrolled anew",
        )


@dataclass(frozen=True, slots=True)
class Request:
    """What an agent asks for its next certificate with."""

    agent_id: str
    generation: int
    csr_der: bytes
    bound_spki_der: bytes
    bound_signature: bytes
    machine_id: str = ""
    takes_roots: bool = False


def proved(request: Request) -> Keys:
    """The keys of a request whose holder has both private keys.

    Raises:
        KeyRefusedError: not P-256, not signed by the key, or not readable.
    """
    return possession.proved(
        csr_der=request.csr_der,
        bound_spki_der=request.bound_spki_der,
        bound_signature=request.bound_signature,
        signed=possession.renewing(request.agent_id, request.generation, request.csr_der),
    )


def renew(
    connection: Connection, request: Request, keys: Keys, issue: Issue, now_ns: int
) -> tuple[Enrolled, Certified]:
    """The next certificate of an agent that holds a good one.

    Raises:
        RenewalRefusedError: the agent is unknown or may not connect.
        CopiedIdentityError: the identity was copied or set back.
        KeyRefusedError: the key has been seen before, or the bound key is another one.
    """
    agent = _own(connection, request, keys)
    return _next(connection, agent, request, keys, issue=issue, now_ns=now_ns, good=lambda it: it.expires_ns > now_ns)


def recover(
    connection: Connection,
    request: Request,
    keys: Keys,
    issue: Issue,
    now_ns: int,
    *,
    vouched: Callable[[bytes], bool],
) -> tuple[Enrolled, Certified]:
    """The next certificate of an agent whose last one expired while its host was off, or whose root is no longer ours.

    `vouched` says of a chain (PEM) whether a root of now stands behind it. That none does is not the host's fault: it
    costs no recovery.

    Raises:
        RenewalRefusedError: as for `renew`; or the certificate is still good, the host is another one, or it has been
            recovered too often.
        CopiedIdentityError: the identity was copied or set back.
        KeyRefusedError: the key has been seen before, or the bound key is another one.
    """
    agent = _own(connection, request, keys)
    newest = agent.pending or agent.current

    def good(certified: Certified) -> bool:
        return certified.expires_ns > now_ns and vouched(certified.chain_pem)

    if good(newest):
        if (request.generation, spki_sha256(keys.tls)) == (newest.generation - 1, newest.spki_sha256):
            return agent, newest  # its answer was lost
        if request.generation < agent.current.generation:
            raise CopiedIdentityError  # it went on elsewhere: a copy that was off for long, or a host that was set back
        raise RenewalRefusedError("not_expired", "the certificate is still good: renew it over the usual connection")
    if agent.machine_id and request.machine_id != agent.machine_id:
        raise RenewalRefusedError(
            "other_host",
            "đây không phải máy đã ghi danh; thu hồi agent rồi ghi danh lại máy này / "
            "this is not the host that was enrolled; revoke the agent and enrol this host anew",
        )
    if newest.expires_ns > now_ns:
        return _next(connection, agent, request, keys, issue=issue, now_ns=now_ns, good=good)
    if agent.recovery_left < 1:
        raise RenewalRefusedError(
            "no_recovery_left",
            "đã khôi phục quá số lần; nhờ đầu mối cho thêm một lần: 'giamsat-collector enrol recover AGENT' / "
            "recovered too often; ask the SOC to allow one more: 'giamsat-collector enrol recover AGENT'",
        )
    agents.spend_recovery(connection, agent.id)
    agent = replace(agent, recovery_left=agent.recovery_left - 1)
    return _next(connection, agent, request, keys, issue=issue, now_ns=now_ns, good=good)


def _own(connection: Connection, request: Request, keys: Keys) -> Enrolled:
    agent = agents.find(connection, request.agent_id)
    if agent is not None and agent.pending is not None and request.generation == agent.pending.generation:
        # It holds what was pending, so it has it: that its first use was not written down is the collector's fault.
        agents.confirm(connection, agent.id, request.generation)
        agent = replace(agent, current=agent.pending, pending=None)
    if agent is None or agent.bound_spki_sha256 != keys.bound_spki_sha256:
        raise RenewalRefusedError("unknown_agent", SENTENCES["unknown_agent"])
    if agent.refused is not None:
        refusal = not_admitted(agent.refused)
        raise RenewalRefusedError(str(refusal), refusal.sentence)
    return agent


def _next(
    connection: Connection,
    agent: Enrolled,
    request: Request,
    keys: Keys,
    *,
    issue: Issue,
    now_ns: int,
    good: Callable[[Certified], bool],
) -> tuple[Enrolled, Certified]:
    fingerprint, current, pending = spki_sha256(keys.tls), agent.current, agent.pending
    if request.generation == current.generation - 1 and fingerprint == current.spki_sha256:
        return agent, current
    if request.generation > current.generation:
        raise RenewalRefusedError("later_generation", SENTENCES["unknown_agent"])
    if request.generation != current.generation:
        raise CopiedIdentityError
    if pending is not None and good(pending):
        if fingerprint != pending.spki_sha256:
            raise CopiedIdentityError
        return agent, pending
    if pending is not None:
        lapsed = (certificates.c.agent == agent.id) & (certificates.c.generation == pending.generation)
        connection.execute(delete(certificates).where(lapsed))
    wanted = Wanted(
        agent_id=agent.id,
        unit=agent.unit,
        generation=current.generation + 1,
        csr_der=request.csr_der,
        bound_spki_der=request.bound_spki_der,
        bound_signature=request.bound_signature,
    )
    issued = issuing.kept(issue(wanted, now_ns), takes_roots=request.takes_roots)
    try:
        agents.certify(connection, agent.id, issued)
    except IntegrityError as error:
        raise KeyRefusedError("key_reused", "this key has been used before; make a new one") from error
    return replace(agent, pending=issued), issued
