# SPDX-License-Identifier: Apache-2.0
"""Writes down what a person answers for. Nothing that must arrive can be attested to have arrived."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, insert

from giamsat_collector.coverage.decide import State
from giamsat_collector.coverage.tables import attestations
from giamsat_collector.errors import RefusedError
from giamsat_rules.obligation import Obligation, Proof


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be attested, as it was said."""

    system: str
    obligation: str
    state: str
    document: str
    text: str
    expires: str
    actor: str


def attest(
    connection: Connection, obligations: Iterable[Obligation], wanted: Wanted, *, today: str, at_ns: int
) -> None:
    """Keep an attestation in place of the one before.

    Raises:
        RefusedError: it cannot be; the message says why and what to do.
    """
    known = {one.id: one for one in obligations}
    chosen = known.get(wanted.obligation)
    if chosen is None:
        raise RefusedError(
            "no such obligation: {name}; there are: {names}", name=wanted.obligation[:100], names=", ".join(known)
        )
    allowed = [State.EQUIVALENT, State.EXEMPT] + ([State.MET] if chosen.proof is Proof.ATTESTED else [])
    if wanted.state not in allowed:
        raise RefusedError(
            "{name} can be attested as {names}; whether it is met is read from what arrives",
            name=chosen.id,
            names=", ".join(allowed),
        )
    if not wanted.document.strip() or not wanted.text.strip():
        raise RefusedError("an attestation needs a document (its number) and a text that says what was done")
    try:
        last = date.fromisoformat(wanted.expires)
    except ValueError as error:
        raise RefusedError("{said!r} is no date; write it as 2027-06-30", said=wanted.expires) from error
    if last.isoformat() < today:
        raise RefusedError("{day} is over; give the last day the attestation counts", day=wanted.expires)
    row = {
        "system": wanted.system,
        "obligation": chosen.id,
        "state": wanted.state,
        "document": wanted.document.strip()[:200],
        "text": wanted.text.strip()[:1000],
        "expires": last.isoformat(),
        "actor": wanted.actor[:64],
        "at_ns": at_ns,
    }
    before = attestations.c.system == wanted.system, attestations.c.obligation == chosen.id
    connection.execute(delete(attestations).where(*before))
    connection.execute(insert(attestations), [row])
