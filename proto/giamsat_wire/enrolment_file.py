# SPDX-License-Identifier: Apache-2.0
"""The enrolment of a host that may not connect, in two files that are carried by hand: its request, and the answer.

file := MAGIC, u16 size, id of the token, nonce of 12 bytes, AES-256-GCM of the message, bound to all before it
key  := HKDF-SHA256(SHA-256(the token's secret), salt: id of the token, info: MAGIC)

Both ends know the token's secret and nobody else does: the request can be read by the collector alone, and an answer
that can be opened comes from it.
"""

import hashlib
import io
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from google.protobuf.message import DecodeError

from giamsat.v1 import enrol_pb2
from giamsat_wire.parcel import ParcelError, sized, unsized

REQUEST: Final = b"giamsat enrolment request 1\n"
ANSWER: Final = b"giamsat enrolment answer 1\n"
FILE_BYTES: Final = 64 << 10
NONCE_BYTES: Final = 12
_TOKEN_BYTES: Final = 16


def secret_sha256(secret: str) -> bytes:
    """What the collector keeps of a token's secret."""
    return hashlib.sha256(secret.encode()).digest()


def sealed(kind: bytes, token_id: str, known: bytes, message: bytes, nonce: bytes) -> bytes:
    """A file of this kind; `known` is the SHA-256 of the token's secret, `nonce` must never come again."""
    head = kind + sized(token_id.encode()) + nonce
    return head + _key(kind, token_id, known).encrypt(nonce, message, head)


def token_of(kind: bytes, data: bytes) -> str:
    """The id of the token a file speaks of.

    Raises:
        ParcelError: it is no file of this kind.
    """
    return _parts(kind, data)[0]


def opened(kind: bytes, data: bytes, known: bytes) -> bytes:
    """The message in a file.

    Raises:
        ParcelError: it is no file of this kind, was changed, or was sealed with another token.
    """
    token_id, nonce, message, head = _parts(kind, data)
    try:
        return _key(kind, token_id, known).decrypt(nonce, message, head)
    except InvalidTag as error:
        raise ParcelError("damaged", "it was changed on its way, or the token was mistyped") from error


def asked(data: bytes, known: bytes) -> enrol_pb2.RedeemRequest:
    """The request in a file; errors as `opened`, also for what is no request."""
    try:
        return enrol_pb2.RedeemRequest.FromString(opened(REQUEST, data, known))
    except DecodeError as error:
        raise ParcelError("malformed", "it does not hold a request of giamsat-agent") from error


def answered(data: bytes, known: bytes) -> enrol_pb2.RedeemReply:
    """The answer in a file; errors as `opened`, also for what is no answer."""
    try:
        return enrol_pb2.RedeemReply.FromString(opened(ANSWER, data, known))
    except DecodeError as error:
        raise ParcelError("malformed", "it does not hold an answer of giamsat-collector") from error


def _parts(kind: bytes, data: bytes) -> tuple[str, bytes, bytes, bytes]:
    if len(data) > FILE_BYTES or not data.startswith(kind):
        raise ParcelError("not_an_enrolment", f"this is not an {kind.decode().strip()[8:-2]} of giamsat")
    file = io.BytesIO(data[len(kind) :])
    token_id, nonce = unsized(file, _TOKEN_BYTES), file.read(NONCE_BYTES)
    if len(nonce) != NONCE_BYTES or not token_id.isalnum():
        raise ParcelError("damaged", "it was changed or cut off on its way")
    message = file.read()
    return token_id.decode(), nonce, message, data[: len(data) - len(message)]


def _key(kind: bytes, token_id: str, known: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=32, salt=token_id.encode(), info=kind).derive(known))
