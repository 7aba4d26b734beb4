# SPDX-License-Identifier: Apache-2.0
"""Whether something is signed: fixed limits, and what was signed before. No I/O: the clock comes in.

The collector decides who may have a certificate; this decides what the collector may ask for. What a host proved is
proved here once more, so that a collector in wrong hands gets no certificate for an agent whose bound key it lacks.
"""

import re
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_collector.errors import RefusedError
from giamsat_collector.signing import possession
from giamsat_collector.signing.possession import spki_sha256

UNIT: Final = re.compile(r"\A[A-Za-z0-9._-]{1,64}\Z")
AGENT: Final = re.compile(r"\A[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
NAME: Final = re.compile(r"\A(?:(?!-)[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45})\Z")
NAMES: Final = 32
_ANEW: Final = "ask the SOC: this host must be enrolled anew"
HOUR_NS: Final = 3600 * 1_000_000_000
DAY_NS: Final = 24 * HOUR_NS
AGENTS_PER_HOUR: Final = 6_000
"""Every agent of the largest province renews within an hour, after a day without the collector."""
OWN_PER_HOUR: Final = 60
"""Certificates of the collector's own: its servers ask every six weeks, and at a start."""
PER_AGENT_A_DAY: Final = 24
"""An agent asks every six days. Some more, for answers that were lost."""


class SigningRefusedError(RefusedError):
    """The signer says no. `reason` is for logs and counters."""

    def __init__(self, reason: str, sentence: str) -> None:
        self.reason = reason
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A certificate an agent is to have, and what its host proved with.

    `token` is the id of the token that was redeemed; empty when a certificate is replaced by the next one.
    """

    agent_id: str
    unit: str
    generation: int
    csr_der: bytes
    bound_spki_der: bytes
    bound_signature: bytes
    token: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed for an agent last."""

    agent_id: str
    unit: str
    generation: int
    token: str
    spki_sha256: bytes
    bound_spki_sha256: bytes
    at_ns: int
    expires_ns: int


class Decision:
    """Says yes or no; remembers what was signed through `signed`, also when the journal is read at the start."""

    def __init__(self) -> None:
        self._last: dict[str, Signed] = {}
        self._bound: dict[bytes, str] = {}
        self._often: OrderedDict[str, deque[int]] = OrderedDict()
        self._agents: deque[int] = deque(maxlen=AGENTS_PER_HOUR)
        self._own: deque[int] = deque()

    @property
    def agents(self) -> int:
        """For how many agents something was signed."""
        return len(self._last)

    def last(self, agent_id: str) -> Signed | None:
        """What was signed for an agent last."""
        return self._last.get(agent_id)

    def agent(self, wanted: Wanted, now_ns: int) -> ec.EllipticCurvePublicKey:
        """The key an agent's certificate is to be for.

        Raises:
            SigningRefusedError: outside the limits, or not what was signed before allows.
            KeyRefusedError: the host has not proved that it holds the keys.
        """
        if not AGENT.match(wanted.agent_id) or not UNIT.match(wanted.unit):
            raise SigningRefusedError("name", "the identity is not one of an agent")
        if wanted.token:
            signed = possession.enrolling(wanted.token, wanted.csr_der, wanted.bound_spki_der)
        else:
            signed = possession.renewing(wanted.agent_id, wanted.generation - 1, wanted.csr_der)
        keys = possession.proved(
            csr_der=wanted.csr_der,
            bound_spki_der=wanted.bound_spki_der,
            bound_signature=wanted.bound_signature,
            signed=signed,
        )
        self._must_follow(wanted, keys, now_ns)
        if not _room(self._agents, AGENTS_PER_HOUR, HOUR_NS, now_ns):
            raise SigningRefusedError("rate", "too many certificates within the hour; it is tried again later")
        if not _room(self._often.get(wanted.agent_id, deque()), PER_AGENT_A_DAY, DAY_NS, now_ns):
            raise SigningRefusedError("agent_rate", "this agent had too many certificates today; is its clock right?")
        return keys.tls

    def own(self, now_ns: int, names: Sequence[str] = ()) -> None:
        """Whether the collector may have a certificate for itself, for servers of these names.

        Raises:
            SigningRefusedError: outside the limits.
        """
        if len(names) > NAMES or not all(NAME.match(name) for name in names):
            raise SigningRefusedError("name", "these are not names of a server")
        if not _room(self._own, OWN_PER_HOUR, HOUR_NS, now_ns):
            raise SigningRefusedError("rate", "too many certificates of servers within the hour")
        self._own.append(now_ns)

    def signed(self, one: Signed) -> None:
        """This was signed."""
        self._last[one.agent_id] = one
        self._bound[one.bound_spki_sha256] = one.agent_id
        self._agents.append(one.at_ns)
        often = self._often.pop(one.agent_id, deque(maxlen=PER_AGENT_A_DAY))
        often.append(one.at_ns)
        self._often[one.agent_id] = often
        while self._often and next(iter(self._often.values()))[-1] <= one.at_ns - DAY_NS:
            self._often.popitem(last=False)

    def _must_follow(self, wanted: Wanted, keys: possession.Keys, now_ns: int) -> None:
        holder = self._last.get(self._bound.get(keys.bound_spki_sha256, ""))
        # The same token: its agent was signed and then not stored, and the host asks again.
        again = wanted.token and holder is not None and holder.token == wanted.token
        if holder is not None and holder.agent_id != wanted.agent_id and not again:
            raise SigningRefusedError("bound_key", f"this bound key is another agent's; {_ANEW}")
        last = self._last.get(wanted.agent_id)
        if last is None:
            return
        if last.unit != wanted.unit:
            raise SigningRefusedError("unit", f"this agent was enrolled for another unit; {_ANEW}")
        if last.bound_spki_sha256 != keys.bound_spki_sha256:
            raise SigningRefusedError("bound_key", f"this agent was enrolled with another bound key; {_ANEW}")
        lapsed = last.spki_sha256 == spki_sha256(keys.tls) or last.expires_ns <= now_ns
        if wanted.generation != last.generation + 1 and not (wanted.generation == last.generation and lapsed):
            raise SigningRefusedError("generation", f"this is not the agent's next certificate; {_ANEW}")


def _room(times: deque[int], most: int, within_ns: int, now_ns: int) -> bool:
    while times and times[0] <= now_ns - within_ns:
        times.popleft()
    if any(at_ns > now_ns for at_ns in times):
        # Signed by a clock that has been set back since: it counts from now on, and not until then and longer.
        counted = [min(at_ns, now_ns) for at_ns in times]
        times.clear()
        times.extend(counted)
    return len(times) < most
