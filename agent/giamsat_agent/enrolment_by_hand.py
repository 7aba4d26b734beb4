# SPDX-License-Identifier: Apache-2.0
"""How a host that may not connect becomes an agent: its request goes out on a stick, the answer comes back on one.

Between the two its keys lie in `enrolling` below the state folder; they never leave it.
"""

import shutil
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_agent import next_step
from giamsat_agent.enrolment import Token, asked, must_be_new
from giamsat_agent.errors import EnrolmentError, IdentityError
from giamsat_agent.uplink import identity as identities
from giamsat_agent.uplink import keys
from giamsat_agent.uplink.identity import Identity
from giamsat_agent.uplink.pinning import pinned_root, split_address
from giamsat_wire import enrolment_file
from giamsat_wire.enrolment_file import ANSWER, REQUEST
from giamsat_wire.parcel import ParcelError

FOLDER: Final = "enrolling"
_FACTS: Final = "token.json"


class _Pending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: str
    pin: bytes
    known: bytes
    """SHA-256 of the token's secret: what the answer is opened with."""


def request(token: Token, state: Path, nonce: bytes, *, hostname: str, machine_id: str) -> bytes:
    """A request for the collector, sealed with the token. Asked again with the same token it has the same keys.

    Raises:
        EnrolmentError: this host is enrolled already.
        IdentityError: the keys cannot be written.
    """
    must_be_new(state / "identity")
    known = enrolment_file.secret_sha256(token.reveal())
    pending = _Pending(token.id, token.pin, known)
    folder = state / FOLDER
    if _read(folder) != pending:
        _begin(folder, pending)
    tls, bound = _keys(folder)
    message = asked(token, tls, bound, hostname, machine_id).SerializeToString()
    return enrolment_file.sealed(REQUEST, token.id, known, message, nonce)


def take(answer: bytes, state: Path) -> Identity:
    """Become the agent an answer names; the identity is written to the state folder.

    Raises:
        EnrolmentError: it is not the answer to this host's request, or this host is enrolled already.
        IdentityError: the identity cannot be written.
    """
    must_be_new(state / "identity")
    folder = state / FOLDER
    pending = _read(folder)
    if pending is None:
        step = next_step.enrolling("--export FILE")
        raise EnrolmentError(f"máy này chưa lập yêu cầu; trước hết / this host has made no request; first: {step}")
    try:
        if enrolment_file.token_of(ANSWER, answer) != pending.token:
            raise EnrolmentError(
                "đây là trả lời cho yêu cầu của máy khác, hoặc cho yêu cầu trước của máy này; xin lấy đúng tệp / "
                "this is the answer to another host's request, or to an earlier one of this host"
            )
        reply = enrolment_file.answered(answer, pending.known)
    except ParcelError as error:
        raise EnrolmentError(
            f"không dùng được tệp trả lời, xin chép lại / the answer cannot be used: {error}; copy it again"
        ) from error
    split_address(reply.enrolment)
    tls, bound = _keys(folder)
    chain, validity = keys.chain_pem(list(reply.chain_der))
    roots = keys.roots_pem(list(reply.roots_der))
    pinned_root(x509.load_pem_x509_certificates(roots) if roots else (), pending.pin, "what wrote this answer")
    if x509.load_der_x509_certificate(reply.chain_der[0]).public_key() != tls.public_key():
        raise EnrolmentError(
            "tệp trả lời dành cho khóa khác; ở máy thu thập hãy nhập yêu cầu lập sau cùng / "
            "the answer is for another key; import the request that was exported last"
        )
    identity = Identity(
        agent_id=reply.agent_id,
        unit=reply.unit,
        key=keys.pem(tls),
        chain=chain,
        roots=roots,
        validity=validity,
        enrolment=reply.enrolment,
        carrier=keys.pem_of(list(reply.carrier_der)),
    )
    identities.store(state / "identity", identity, keys.pem(bound))
    shutil.rmtree(folder, ignore_errors=True)
    return identity


def _begin(folder: Path, pending: _Pending) -> None:
    """Keys for a request, in place of those of a request with another token."""
    shutil.rmtree(folder, ignore_errors=True)
    files = {"tls.key": keys.pem(keys.fresh()), "bound.key": keys.pem(keys.fresh())}
    identities.write_folder(folder, {**files, _FACTS: msgspec.json.encode(pending)})


def _read(folder: Path) -> _Pending | None:
    try:
        return msgspec.json.decode((folder / _FACTS).read_bytes(), type=_Pending)
    except (OSError, msgspec.DecodeError):
        return None


def _keys(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, ec.EllipticCurvePrivateKey]:
    try:
        tls, bound = ((folder / name).read_bytes() for name in ("tls.key", "bound.key"))
    except OSError as error:
        step = next_step.enrolling("--export FILE")
        raise IdentityError(
            f"{folder}: không đọc được khóa của yêu cầu; xóa thư mục này rồi làm lại từ đầu / "
            f"the keys of the request cannot be read: {error.strerror}; remove the folder, then begin anew: {step}"
        ) from error
    return keys.load(tls, str(folder)), keys.load(bound, str(folder))
