# SPDX-License-Identifier: Apache-2.0
"""Certificates of agents between what is decided on rows and the signer.

Nothing waits for the signer in a transaction: what has to be signed ends the transaction without a trace, is signed,
and the same decision is made again with the certificate at hand.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias, TypeVar

from cryptography.hazmat.primitives import serialization
from sqlalchemy import Connection

from giamsat_collector.enrol.agents import Certified
from giamsat_collector.enrol.signer import Signer
from giamsat_collector.errors import StoreError
from giamsat_collector.signing.certificates import Certificate
from giamsat_collector.signing.decision import Wanted
from giamsat_collector.signing.possession import spki_sha256
from giamsat_collector.store import Store

ROUNDS: Final = 4
"""What is wanted may change between two looks, when another request of the same agent comes in between."""

Result = TypeVar("Result")
Issue: TypeAlias = Callable[[Wanted, int], Certified]
"""The certificate that is wanted, as it is written down at this time."""


class UnsignedError(Exception):
    """Something has to be signed first."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        super().__init__(f"a certificate for {wanted.agent_id} is not signed yet")


async def signed(store: Store, signer: Signer, work: Callable[[Connection, Issue], Result]) -> Result:
    """Run `work` in a transaction in which what it wants issued is at hand.

    Raises:
        SignerError, SigningRefusedError: the signer gives no certificate; nothing was written.
        StoreError: the database cannot be written.
    """
    made: dict[Wanted, tuple[Certificate, ...]] = {}

    def issue(wanted: Wanted, now_ns: int) -> Certified:
        if wanted not in made:
            raise UnsignedError(wanted)
        return replace(certified(made[wanted], wanted.generation, now_ns), roots=signer.trust.version)

    for _ in range(ROUNDS):
        try:
            return await store.write(lambda connection: work(connection, issue))
        except UnsignedError as error:
            made[error.wanted] = await signer.agent(error.wanted)
    raise StoreError("what this agent is to get changed again and again; it is tried again")


def kept(one: Certified, *, takes_roots: bool) -> Certified:
    """A certificate as it is written down for an agent that keeps the roots it is told, or does not."""
    return one if takes_roots else replace(one, roots=0)


def certified(chain: tuple[Certificate, ...], generation: int, now_ns: int) -> Certified:
    """A certificate as it is written down."""
    return Certified(
        generation=generation,
        spki_sha256=spki_sha256(chain[0].public_key()),
        serial=f"{chain[0].serial_number:x}",
        chain_pem=b"".join(part.public_bytes(serialization.Encoding.PEM) for part in chain),
        issued_ns=now_ns,
        expires_ns=int(chain[0].not_valid_after_utc.timestamp()) * 1_000_000_000,
    )
