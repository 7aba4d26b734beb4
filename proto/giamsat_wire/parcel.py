# SPDX-License-Identifier: Apache-2.0
"""Frames in a file that is carried by hand: sealed for the collector's carrier key, signed by the host's bound key.

file    := MAGIC, u16 size, head, u16 size, signature, piece…      head: giamsat.v1.ParcelHead; numbers little endian
piece   := u32 (bit 31: it is the last; the rest: size), AES-256-GCM of a giamsat.v1.ParcelPiece
key     := HKDF-SHA256(ECDH(ephemeral, carrier), salt SHA-256(head)); nonce := u64 number, u32 whether it is the last

Only who made the ephemeral key, whose public half the bound key signs in the head, can seal pieces the collector opens:
they are that host's, in this order, to the last.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from google.protobuf.message import DecodeError

from giamsat.v1 import ingest_pb2, parcel_pb2
from giamsat_wire import limits
from giamsat_wire.errors import WireError
from giamsat_wire.lane import Lane

MAGIC: Final = b"giamsat parcel 1\n"
CARRIER: Final = "spiffe://giamsat/carrier"
"""The one name of the certificate parcels are sealed for; the collector gives it to nobody else."""
FORMAT: Final = 1
HEAD_BYTES: Final = 2 << 10
SIGNATURE_BYTES: Final = 128
PIECE_BYTES: Final = 512 << 10
"""The largest sealed piece: a frame of the largest size, or many small ones."""
FRAMES_PER_PIECE: Final = 4_096
_U16: Final = struct.Struct("<H")
_U32: Final = struct.Struct("<I")
_NONCE: Final = struct.Struct("<QI")
_LAST: Final = 1 << 31
_DER: Final = serialization.Encoding.DER
_SPKI: Final = serialization.PublicFormat.SubjectPublicKeyInfo
ALGORITHM: Final = ec.ECDSA(hashes.SHA256())


class ParcelError(WireError):
    """A parcel or a receipt is refused; `reason` is a short name that is counted, the message a sentence."""

    def __init__(self, reason: str, sentence: str) -> None:
        self.reason = reason
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Head:
    """What a parcel begins with: whose it is, when it was sealed (UNIX ns), and for which key."""

    agent_id: str
    sealed_ns: int
    bound_spki_der: bytes
    carrier_sha256: bytes
    ephemeral_spki_der: bytes
    encoded: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Carried:
    """One frame, as the wire carries it."""

    seq: int
    flags: int
    payload: bytes
    crc: int


@dataclass(frozen=True, slots=True)
class Run:
    """Frames of one lane that follow each other.

    The run they are part of begins with `first`, the lane's next number is `next`, and the host knows that everything
    up to `acked` has been acknowledged.
    """

    lane: Lane
    epoch: int
    first: int
    next: int
    acked: int
    frames: tuple[Carried, ...]


class Sealer:
    """Seals one parcel; `opening` is what its file begins with."""

    def __init__(
        self,
        agent_id: str,
        sealed_ns: int,
        *,
        bound: ec.EllipticCurvePrivateKey,
        carrier: ec.EllipticCurvePublicKey,
        ephemeral: ec.EllipticCurvePrivateKey,
    ) -> None:
        head = parcel_pb2.ParcelHead(
            format=FORMAT,
            agent_id=agent_id,
            sealed_ns=sealed_ns,
            bound_spki_der=bound.public_key().public_bytes(_DER, _SPKI),
            carrier_sha256=fingerprint(carrier),
            ephemeral_spki_der=ephemeral.public_key().public_bytes(_DER, _SPKI),
        ).SerializeToString()
        self.opening = MAGIC + sized(head) + sized(bound.sign(MAGIC + head, ALGORITHM))
        self._key = _key(ephemeral, carrier, head)
        self._number = 0

    def piece(self, run: Run | None, *, last: bool) -> bytes:
        """The next piece, as the file holds it; the last one may hold nothing."""
        sealed = self._key.encrypt(_NONCE.pack(self._number, last), _encoded(run), None)
        self._number += 1
        return _U32.pack(len(sealed) | (_LAST if last else 0)) + sealed


class Opener:
    """Opens the pieces of one parcel, with the private half of the key it was sealed for."""

    def __init__(self, head: Head, carrier: ec.EllipticCurvePrivateKey) -> None:
        if head.carrier_sha256 != fingerprint(carrier.public_key()):
            raise ParcelError("foreign_key", "it is sealed for another collector")
        self._key = _key(carrier, public_key(head.ephemeral_spki_der), head.encoded)

    def piece(self, number: int, sealed: bytes, *, last: bool) -> Run | None:
        """What a piece holds; None when it is an empty end.

        Raises:
            ParcelError: it was changed, or is not this piece of this parcel.
        """
        try:
            plain = self._key.decrypt(_NONCE.pack(number, last), sealed, None)
        except InvalidTag as error:
            raise ParcelError("damaged", f"piece {number + 1} was changed since it was sealed") from error
        return _run(plain)


def begun(file: BinaryIO) -> Head:
    """Read what a parcel begins with, and verify the bound key's signature on it.

    Raises:
        ParcelError: this is no parcel, or not one that can be read.
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise ParcelError("not_a_parcel", "this is not a file of 'giamsat-agent spool export'")
    return head(unsized(file, HEAD_BYTES), unsized(file, SIGNATURE_BYTES))


def head(encoded: bytes, signature: bytes) -> Head:
    """Understand a head that was read; errors as `begun`."""
    message = parcel_pb2.ParcelHead()
    try:
        message.ParseFromString(encoded)
    except DecodeError as error:
        raise ParcelError("damaged", "its head cannot be read") from error
    if message.format != FORMAT:
        raise ParcelError("unknown_format", f"its format is {message.format}, this version reads {FORMAT}")
    try:
        public_key(message.bound_spki_der).verify(signature, MAGIC + encoded, ALGORITHM)
    except InvalidSignature as error:
        raise ParcelError("forged", "its head is not signed by the key it names") from error
    return Head(
        message.agent_id,
        message.sealed_ns,
        message.bound_spki_der,
        message.carrier_sha256,
        message.ephemeral_spki_der,
        encoded,
        signature,
    )


def pieces(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """The sealed pieces that follow the head, and which is the last.

    Raises:
        ParcelError: a piece is too large, the file ends before the last one, or goes on after it.
    """
    last = False
    while not last:
        (said,) = _U32.unpack(_exactly(file, _U32.size))
        last, size = bool(said & _LAST), said & ~_LAST
        if size > PIECE_BYTES:
            raise ParcelError("oversized", f"a piece of {size} bytes, at most {PIECE_BYTES}")
        yield _exactly(file, size), last
    if file.read(1):
        raise ParcelError("damaged", "something follows its last piece")


def fingerprint(key: ec.EllipticCurvePublicKey) -> bytes:
    """SHA-256 of a public key's SubjectPublicKeyInfo."""
    return hashlib.sha256(key.public_bytes(_DER, _SPKI)).digest()


def public_key(spki_der: bytes) -> ec.EllipticCurvePublicKey:
    """A key that is on the curve in use here; ParcelError otherwise."""
    try:
        key = serialization.load_der_public_key(spki_der)
    except Exception as error:  # whatever a parser of keys does with bytes that are none
        raise ParcelError("damaged", "a key in its head cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ParcelError("damaged", "a key in its head is not of the curve P-256")
    return key


def _key(own: ec.EllipticCurvePrivateKey, other: ec.EllipticCurvePublicKey, head: bytes) -> AESGCM:
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=hashlib.sha256(head).digest(), info=MAGIC)
    return AESGCM(derive.derive(own.exchange(ec.ECDH(), other)))


def _encoded(run: Run | None) -> bytes:
    if run is None:
        return b""
    lane = ingest_pb2.Lane.Name(run.lane)
    message = parcel_pb2.ParcelPiece(
        lane=ingest_pb2.LaneState(lane=lane, epoch=run.epoch, first=run.first, next=run.next),
        acked=run.acked,
        frames=[
            ingest_pb2.Frame(lane=lane, epoch=run.epoch, seq=one.seq, flags=one.flags, payload=one.payload, crc=one.crc)
            for one in run.frames
        ],
    )
    return message.SerializeToString()


def _run(plain: bytes) -> Run | None:
    message = parcel_pb2.ParcelPiece()
    try:
        message.ParseFromString(plain)
    except DecodeError as error:
        raise ParcelError("malformed", "a piece is not a giamsat.v1.ParcelPiece") from error
    if not plain:
        return None
    said, known = message.lane, {lane.value: lane for lane in Lane}
    numbers = [frame.seq for frame in message.frames]
    if (
        said.lane not in known
        or not 0 < said.epoch <= limits.NUMBER
        or not 0 < said.first <= said.next <= limits.NUMBER
        or message.acked > limits.NUMBER
        or len(numbers) > FRAMES_PER_PIECE
        or numbers != list(range(numbers[0], numbers[0] + len(numbers)) if numbers else ())
        or any(not said.first <= number < said.next for number in numbers)
    ):
        raise ParcelError("malformed", "a piece does not hold frames of one lane that follow each other")
    frames = tuple(Carried(one.seq, one.flags & 0xFF, one.payload, one.crc) for one in message.frames)
    return Run(known[said.lane], said.epoch, said.first, said.next, message.acked, frames)


def sized(data: bytes) -> bytes:
    """A field of a file, its size before it."""
    return _U16.pack(len(data)) + data


def unsized(file: BinaryIO, most: int) -> bytes:
    """Read such a field; ParcelError when it is larger than `most`, or cut off."""
    (size,) = _U16.unpack(_exactly(file, _U16.size))
    if size > most:
        raise ParcelError("oversized", f"{size} bytes at its beginning, at most {most}")
    return _exactly(file, size)


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise ParcelError("cut_off", "it ends too early: copy it again, or export it again")
    return data
