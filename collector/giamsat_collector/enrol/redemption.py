# SPDX-License-Identifier: Apache-2.0
"""A token against a certificate. Works on rows and values only; the gRPC edge is `service`."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from giamsat_collector.enrol import agents, issuing, tokens
from giamsat_collector.enrol.agents import Enrolled
from giamsat_collector.enrol.issuing import Issue
from giamsat_collector.enrol.tokens import Grant
from giamsat_collector.signing import possession
from giamsat_collector.signing.decision import Wanted
from giamsat_collector.signing.possession import KeyRefusedError, Keys, spki_sha256

REPEAT_NS: Final = 600 * 1_000_000_000
"""For ten minutes the same token and key get the same answer: the first one may have been lost."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a host asks with."""

    token_id: str
    secret: str
    csr_der: bytes
    bound_spki_der: bytes
    bound_signature: bytes
    hostname: str = ""
    machine_id: str = ""
    os: str = ""
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
        signed=possession.enrolling(request.token_id, request.csr_der, request.bound_spki_der),
    )


def redeem(
    connection: Connection,
    request: Request,
    keys: Keys,
    *,
    address: str | None,
    agent_id: str,
    issue: Issue,
    now_ns: int,
    repeat_ns: int,
) -> tuple[Enrolled, Grant | None]:
    """Enrol a host under a new id: the agent and what its token gave, None when an answer is repeated.

    All of it or nothing. `address` is where it connects from, None when its request was carried.

    Raises:
        TokenError: the token is not accepted.
        KeyRefusedError: one of the keys has been seen before.
    """
    fingerprint = spki_sha256(keys.tls)
    known = agents.with_key(connection, fingerprint)
    if known is not None:
        repeated = known.token == request.token_id and known.bound_spki_sha256 == keys.bound_spki_sha256
        repeated = repeated and tokens.knows(connection, request.token_id, request.secret, address)
        if repeated and now_ns - known.enrolled_ns < repeat_ns and known.refused is None:
            return known, None
        raise KeyRefusedError("key_reused", "this key has been used before; make a new one")
    grant = tokens.spend(connection, request.token_id, request.secret, now_ns, address)
    wanted = Wanted(
        agent_id=agent_id,
        unit=grant.unit,
        generation=1,
        csr_der=request.csr_der,
        bound_spki_der=request.bound_spki_der,
        bound_signature=request.bound_signature,
        token=request.token_id,
    )
    agent = Enrolled(
        id=agent_id,
        unit=grant.unit,
        token=grant.token,
        hostname=request.hostname[:255],
        machine_id=request.machine_id[:64],
        os=request.os[:200],
        bound_spki_sha256=keys.bound_spki_sha256,
        enrolled_ns=now_ns,
        current=issuing.kept(issue(wanted, now_ns), takes_roots=request.takes_roots),
    )
    try:
        agents.add(connection, agent)
    except IntegrityError as error:
        raise KeyRefusedError("key_reused", "this key has been used before; make a new one") from error
    return agent, grant
