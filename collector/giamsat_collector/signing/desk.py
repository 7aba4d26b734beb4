# SPDX-License-Identifier: Apache-2.0
"""A request to the signer against its answer: decided, signed, written down, and only then given out.

Requests and answers are JSON objects, DER as base64: {"do": "agent", …} is answered by {"chain": […]} or by
{"refused": reason, "sentence": …}.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any, Final, TypeAlias

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import instant
from giamsat_collector.signing.authority import Authority
from giamsat_collector.signing.certificates import Certificate
from giamsat_collector.signing.decision import Decision, Signed, SigningRefusedError, Wanted
from giamsat_collector.signing.journal import Journal
from giamsat_collector.signing.possession import CSR_BYTES, KeyRefusedError, spki_sha256
from giamsat_wire.clock import SECOND_NS, Clock

log = structlog.get_logger()

WORD: Final = 255
GENERATIONS: Final = (1 << 31) - 1
"""The last certificate an agent can have: the collector keeps its number in 32 bits."""


class Right(IntEnum):
    """What the user at the other end may ask for."""

    NOTHING = 0
    SIGN = 1
    ADMINISTER = 2


class Desk:
    """Answers requests, one at a time."""

    def __init__(self, authority: Authority, decision: Decision, journal: Journal, clock: Clock) -> None:
        self._authority = authority
        self._decision = decision
        self._journal = journal
        self._clock = clock

    def answer(self, request: Mapping[str, Any], right: Right) -> dict[str, Any]:
        """What is answered to one request; nothing in it makes this raise."""
        try:
            work = _allowed(request.get("do"), right)
            self._keep_fresh()
            return work(self, request)
        except (SigningRefusedError, KeyRefusedError) as error:
            reason, sentence = error.reason, str(error)
        except RefusedError as error:
            reason, sentence = "state", str(error)
        except OSError as error:
            reason, sentence = "disk", f"the signer cannot write: {error.strerror or error}; free space on its disk"
        except (KeyError, TypeError, ValueError):
            reason, sentence = "request", "the request is not of the form the signer knows"
        log.warning("signing_refused", reason=reason, sentence=sentence)
        return {"refused": reason, "sentence": sentence}

    def roots(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        """Whom to trust, and how the authority stands."""
        authority = self._authority
        return {
            "version": authority.version,
            "rotating": authority.rotating,
            "roots": _pem(authority.roots),
            "client_roots": authority.client_roots_pem.decode(),
            "issued": self._journal.lines,
            "broken": self._journal.broken,
        }

    def agent(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The next certificate of an agent."""
        now = self._clock.wall_ns()
        wanted = Wanted(
            agent_id=_word(request["agent"]),
            unit=_word(request["unit"]),
            generation=_generation(request["generation"]),
            csr_der=_bytes(request["csr"]),
            bound_spki_der=_bytes(request["bound"]),
            bound_signature=_bytes(request["signature"]),
            token=_word(request["token"]),
        )
        key = self._decision.agent(wanted, now)
        chain = self._authority.agent(key, unit=wanted.unit, agent_id=wanted.agent_id)
        signed = Signed(
            agent_id=wanted.agent_id,
            unit=wanted.unit,
            generation=wanted.generation,
            token=wanted.token,
            spki_sha256=spki_sha256(key),
            bound_spki_sha256=spki_sha256(load_der_public_key(wanted.bound_spki_der)),
            at_ns=now,
            expires_ns=int(chain[0].not_valid_after_utc.timestamp()) * SECOND_NS,
        )
        self._journal.add({**_written(signed), "serial": f"{chain[0].serial_number:x}"})
        self._decision.signed(signed)
        return {"chain": _pem(chain)}

    def issued(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What was signed for an agent last, for a collector that was set back to a backup; generation 0: nothing."""
        last = self._decision.last(_word(request["agent"]))
        if last is None:
            return {"generation": 0, "spki": "", "at_ns": 0}
        return {"generation": last.generation, "spki": last.spki_sha256.hex(), "at_ns": last.at_ns}

    def server(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A certificate for the collector's servers."""
        names = _words(request["names"])
        return self._own("server", request, lambda key: self._authority.server(key, names), names)

    def carrier(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A certificate for the collector's carrier key."""
        return self._own("carrier", request, self._authority.carrier, ["carrier"])

    def rotate(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        """A new root."""
        self._authority.rotate()
        self._noted("rotate")
        return self.roots({})

    def replace(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        """A new root, and the end of all others at once."""
        self._authority.replace()
        self._noted("replace")
        return self.roots({})

    def retire(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        """The end of the old root."""
        self._authority.retire()
        self._noted("retire")
        return self.roots({})

    def _own(
        self,
        what: str,
        request: Mapping[str, Any],
        sign: Callable[[ec.EllipticCurvePublicKey], tuple[Certificate, ...]],
        names: Sequence[str],
    ) -> dict[str, Any]:
        if not names:
            raise SigningRefusedError("name", "a server has a name")
        self._decision.own(self._clock.wall_ns(), names)
        key = _requested(_bytes(request["csr"]))
        chain = sign(key)
        self._noted(what, names=list(names), serial=f"{chain[0].serial_number:x}", spki=spki_sha256(key).hex())
        return {"chain": _pem(chain)}

    def _keep_fresh(self) -> None:
        for name in self._authority.keep_fresh():
            self._noted("issuer", names=[name])

    def _noted(self, what: str, **said: Any) -> None:  # noqa: ANN401 - any JSON value
        """Write down what is not an agent's certificate."""
        at = instant(self._clock.wall_ns())
        self._journal.add({"at": at, "what": what, "root": self._authority.version, **said})
        log.info("signed", what=what)


Work: TypeAlias = Callable[[Desk, Mapping[str, Any]], dict[str, Any]]


def told(decision: Decision) -> Callable[[Mapping[str, Any]], None]:
    """What a decision is told of each line of the journal at the start."""

    def line(said: Mapping[str, Any]) -> None:
        if said.get("what") == "agent":
            decision.signed(
                Signed(
                    agent_id=said["agent"],
                    unit=said["unit"],
                    generation=said["generation"],
                    token=said["token"],
                    spki_sha256=bytes.fromhex(said["spki"]),
                    bound_spki_sha256=bytes.fromhex(said["bound"]),
                    at_ns=said["at_ns"],
                    expires_ns=said["expires_ns"],
                )
            )

    return line


def _written(one: Signed) -> dict[str, Any]:
    return {
        "at": instant(one.at_ns),
        "what": "agent",
        "agent": one.agent_id,
        "unit": one.unit,
        "generation": one.generation,
        "token": one.token,
        "spki": one.spki_sha256.hex(),
        "bound": one.bound_spki_sha256.hex(),
        "at_ns": one.at_ns,
        "expires_ns": one.expires_ns,
    }


def _requested(csr_der: bytes) -> ec.EllipticCurvePublicKey:
    """The key of a request of the collector's own; it has to be P-256 and to have signed the request."""
    if len(csr_der) > CSR_BYTES:
        raise KeyRefusedError("oversized", "the certificate request is too large")
    try:
        csr = x509.load_der_x509_csr(csr_der)
        key, valid = csr.public_key(), csr.is_signature_valid
    except Exception as error:
        raise KeyRefusedError("malformed", "the certificate request cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1) or not valid:
        raise KeyRefusedError("key_type", "the key must be P-256 and must have signed the request")
    return key


def _word(given: object) -> str:
    if not isinstance(given, str) or len(given) > WORD:
        raise TypeError("a word is expected here")
    return given


def _words(given: object) -> list[str]:
    if not isinstance(given, list):
        raise TypeError("a list is expected here")
    return [_word(one) for one in given]


def _generation(given: object) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 < given <= GENERATIONS:
        raise TypeError("the number of a certificate is expected here")
    return given


def _bytes(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError("base64 is expected here")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise KeyRefusedError("malformed", "the certificate request cannot be read") from error


def _pem(chain: Sequence[Certificate]) -> list[str]:
    return [part.public_bytes(Encoding.PEM).decode() for part in chain]


def _allowed(asked: object, right: Right) -> Work:
    work, needed = _KNOWN.get(asked if isinstance(asked, str) else "", (None, Right.SIGN))
    if work is None:
        raise SigningRefusedError("request", f"not a request; there are {', '.join(sorted(_KNOWN))}")
    if right < needed:
        raise SigningRefusedError("user", "only root may have this done; use sudo")
    return work


_KNOWN: Final[Mapping[str, tuple[Work, Right]]] = {
    "roots": (Desk.roots, Right.SIGN),
    "agent": (Desk.agent, Right.SIGN),
    "issued": (Desk.issued, Right.SIGN),
    "server": (Desk.server, Right.SIGN),
    "carrier": (Desk.carrier, Right.SIGN),
    "rotate": (Desk.rotate, Right.ADMINISTER),
    "replace": (Desk.replace, Right.ADMINISTER),
    "retire": (Desk.retire, Right.ADMINISTER),
}
