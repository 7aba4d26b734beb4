# SPDX-License-Identifier: Apache-2.0
"""The enrolment of a host that may not connect: its request was carried here, the answer is carried back."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from giamsat_collector.enrol import tokens
from giamsat_collector.enrol.agents import Enrolled
from giamsat_collector.enrol.service import EnrolService, requested
from giamsat_collector.enrol.tokens import Reason, TokenError
from giamsat_collector.errors import RefusedError
from giamsat_collector.signing.decision import SigningRefusedError
from giamsat_collector.signing.possession import KeyRefusedError
from giamsat_collector.store import Store
from giamsat_wire import enrolment_file
from giamsat_wire.enrolment_file import ANSWER, NONCE_BYTES, REQUEST
from giamsat_wire.parcel import ParcelError

log = structlog.get_logger()

REPEAT_NS: Final = 30 * 24 * 3600 * 1_000_000_000
"""For so long the same request gets the same answer: sticks are lost, and come twice."""
_ANEW: Final = "issue a new one and export with it"
_WHY: Final[Mapping[Reason, str]] = {
    "unknown": f"no such token was ever issued here: {_ANEW}",
    "expired": f"its token has expired: {_ANEW}",
    "used_up": f"its token was used by another host: {_ANEW}",
    "dead": f"its token is dead after too many wrong secrets: {_ANEW}",
    "wrong_secret": f"its token's secret is wrong: {_ANEW}",
    "wrong_network": f"its token counts from some networks only, and what is carried comes from none: {_ANEW}",
    "not_agreed": "a second administrator has not agreed to its token yet: 'giamsat-collector enrol waiting' names it, "
    "'giamsat-collector enrol agree TOKEN' agrees to it; then import the same file again",
}


@dataclass(slots=True)
class Carried:
    """Answers requests that were carried by hand. `address` is where the host would connect, were it able to."""

    store: Store
    service: EnrolService
    address: str

    async def answer(self, data: bytes) -> tuple[Enrolled, bytes]:
        """The agent a host has become, and the file that goes back to it.

        Raises:
            RefusedError: the request is not accepted; the reason is counted.
            SignerError, StoreError: nothing can be issued now; the same request may be tried again.
        """
        try:
            token_id = enrolment_file.token_of(REQUEST, data)
            known = await self.store.read(lambda connection: tokens.secret_of(connection, token_id))
            asked = enrolment_file.asked(data, known)
            agent = await self.service.redeem(requested(asked), REPEAT_NS, None)
        except TokenError as error:
            raise self._refusal(error.reason, _WHY[error.reason]) from error
        except (ParcelError, KeyRefusedError, SigningRefusedError) as error:
            raise self._refusal(error.reason, f"{error}; nothing was enrolled") from error
        log.info("agent_enrolled", agent=agent.id, unit=agent.unit, token=agent.token, address="by hand")
        reply = self.service.reply(agent)
        reply.enrolment = self.address
        message, nonce = reply.SerializeToString(), secrets.token_bytes(NONCE_BYTES)
        return agent, enrolment_file.sealed(ANSWER, token_id, known, message, nonce)

    def _refusal(self, reason: str, sentence: str) -> RefusedError:
        self.service.refused_total[f"carried_{reason}"] += 1
        log.warning("enrolment_refused", reason=reason, address="by hand")
        return RefusedError(sentence)
