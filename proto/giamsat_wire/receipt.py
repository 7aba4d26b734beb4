# SPDX-License-Identifier: Apache-2.0
"""The answer to a parcel: what the collector holds of an agent, so that the agent may forget it.

receipt := MAGIC, u16 size, giamsat.v1.Receipt, u16 size, signature by the key that parcels are sealed for

That key both agrees and signs; that ECIES and ECDSA may share one is shown by Degabriele and others, "On the Joint
Security of Encryption and Signature in EMV" (2012).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf.message import DecodeError

from giamsat.v1 import ingest_pb2, parcel_pb2
from giamsat_wire.lane import Lane
from giamsat_wire.parcel import ALGORITHM, SIGNATURE_BYTES, ParcelError, sized, unsized

MAGIC: Final = b"giamsat receipt 1\n"
FORMAT: Final = 1
BODY_BYTES: Final = 2 << 10


@dataclass(frozen=True, slots=True)
class Held:
    """The collector holds everything of `lane` in `epoch` up to and including `seq`, or knows that it will not come."""

    lane: Lane
    epoch: int
    seq: int


def written(agent_id: str, at_ns: int, held: Iterable[Held], carrier: ec.EllipticCurvePrivateKey) -> bytes:
    """The file that tells an agent what the collector holds of it; `at_ns` is the collector's time."""
    body = parcel_pb2.Receipt(
        format=FORMAT,
        agent_id=agent_id,
        written_ns=at_ns,
        committed=[
            ingest_pb2.Committed(lane=ingest_pb2.Lane.Name(one.lane.value), epoch=one.epoch, seq=one.seq)
            for one in held
        ],
    ).SerializeToString()
    return MAGIC + sized(body) + sized(carrier.sign(MAGIC + body, ALGORITHM))


def read(file: BinaryIO, agent_id: str, carrier: ec.EllipticCurvePublicKey) -> tuple[Held, ...]:
    """What a receipt says the collector holds of this agent.

    Raises:
        ParcelError: this is no receipt, not of this collector, or for another agent.
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise ParcelError("not_a_receipt", "this is not a receipt of 'giamsat-collector spool import'")
    body = unsized(file, BODY_BYTES)
    try:
        carrier.verify(unsized(file, SIGNATURE_BYTES), MAGIC + body, ALGORITHM)
    except InvalidSignature as error:
        raise ParcelError("forged", "it is not signed by this agent's collector") from error
    message = parcel_pb2.Receipt()
    try:
        message.ParseFromString(body)
    except DecodeError as error:
        raise ParcelError("damaged", "it cannot be read") from error
    if message.format != FORMAT:
        raise ParcelError("unknown_format", f"its format is {message.format}, this version reads {FORMAT}")
    if message.agent_id != agent_id:
        raise ParcelError("foreign", f"it is for the agent {message.agent_id[:36]}, this one is {agent_id}")
    known = {lane.value: lane for lane in Lane}
    return tuple(Held(known[one.lane], one.epoch, one.seq) for one in message.committed if one.lane in known)
