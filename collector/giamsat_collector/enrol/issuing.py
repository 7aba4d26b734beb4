# SPDX-License-Identifier: Apache-2.0
"""A certificate of an agent, from the authority, as it is written down."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_collector.enrol.agents import Certified
from giamsat_collector.enrol.authority import Authority, spki_sha256


def certified(
    authority: Authority,
    key: ec.EllipticCurvePublicKey,
    *,
    unit: str,
    agent_id: str,
    generation: int,
    now_ns: int,
) -> Certified:
    """Issue an agent's certificate of this generation."""
    chain = authority.agent(key, unit=unit, agent_id=agent_id)
    return Certified(
        generation=generation,
        spki_sha256=spki_sha256(key),
        serial=f"{chain[0].serial_number:x}",
        chain_pem=b"".join(part.public_bytes(serialization.Encoding.PEM) for part in chain),
        issued_ns=now_ns,
        expires_ns=int(chain[0].not_valid_after_utc.timestamp()) * 1_000_000_000,
    )
