# SPDX-License-Identifier: Apache-2.0
"""Parcels as agents make them, without a spool behind them."""

import io

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_wire.frame import checksum
from giamsat_wire.lane import Lane
from giamsat_wire.parcel import Carried, Run, Sealer, begun, fingerprint, pieces

AGENT = "11111111-1111-4111-8111-111111111111"
EPOCH = 5


def key():
    """A key of the curve in use."""
    return ec.generate_private_key(ec.SECP256R1())


def carried(seq, payload=b"p", *, lane=Lane.EVENT, flags=1, crc=None):
    """A frame with the checksum a spool gives it."""
    good = checksum(flags=flags, lane=lane, seq=seq, payload=payload)
    return Carried(seq, flags, payload, good if crc is None else crc)


def run(*frames, lane=Lane.EVENT, epoch=EPOCH, first=None, next_=None, acked=0):
    """Frames that follow each other; those that are numbers become frames."""
    made = tuple(carried(one, b"p%d" % one, lane=lane) if isinstance(one, int) else one for one in frames)
    return Run(lane, epoch, first or made[0].seq, next_ or made[-1].seq + 1, acked, made)


def sealed(runs, *, carrier, bound, agent=AGENT, sealed_ns=7):
    """A whole file."""
    sealer = Sealer(agent, sealed_ns, bound=bound, carrier=carrier.public_key(), ephemeral=key())
    return sealer.opening + b"".join(sealer.piece(one, last=False) for one in runs) + sealer.piece(None, last=True)


def taken_apart(data):
    """The head of a file and its sealed pieces."""
    file = io.BytesIO(data)
    return begun(file), list(pieces(file))


def bound_sha256(bound):
    """What the collector keeps of a host's bound key."""
    return fingerprint(bound.public_key())


def pem(private):
    """A key as its file holds it."""
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
