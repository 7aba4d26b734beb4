# SPDX-License-Identifier: Apache-2.0
"""How this host becomes an agent: keys made here, the collector's root checked, then the token spent."""

import base64
import binascii
import hashlib
import platform
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat.v1 import enrol_pb2, enrol_pb2_grpc
from giamsat_agent.errors import EnrolmentError, IdentityError, TransportError
from giamsat_agent.uplink import identity as identities
from giamsat_agent.uplink import keys
from giamsat_agent.uplink.dialling import options
from giamsat_agent.uplink.failure import said
from giamsat_agent.uplink.identity import Identity
from giamsat_agent.uplink.pinning import PIN_BYTES, must_be_good_now, pinned_root, presented, split_address
from giamsat_wire import limits, typed_code
from giamsat_wire.clock import Clock, SystemClock

PATIENCE_S: Final = 15.0
TRIES: Final = 3
"""An answer that was lost is asked for again with the same keys; the collector repeats it and spends nothing."""
TOKEN_BYTES: Final = 1_024
SYSTEM_CLOCK: Final = SystemClock()
PREFIX: Final = "gs1"
_TOKEN: Final = re.compile(r"\Ags1\.([a-z2-7]{12})\.([a-z2-7]{26})\.([a-z2-7]{32})\Z")
_PERMANENT: Final = {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.INVALID_ARGUMENT}
_LOST: Final = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNKNOWN}
"""UNKNOWN is what gRPC calls a connection that breaks while a request is being written ("Stream removed")."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token, taken apart. Its text and its secret cannot reach a log by accident."""

    id: str
    pin: bytes
    _secret: str

    def __repr__(self) -> str:
        return f"Token({self.id})"

    def reveal(self) -> str:
        """The secret, for the one call that spends it."""
        return self._secret


def read_token(path: Path) -> str:
    """The text of a token from a file, or from standard input for '-'; both may hold the lines of a letter instead.

    Raises:
        EnrolmentError: the file cannot be read, or a line was not typed as it is printed.
    """
    try:
        if str(path) != "-":
            return _token_of(path.read_text(encoding="utf-8-sig")[:TOKEN_BYTES].splitlines())
        first = sys.stdin.readline(TOKEN_BYTES)
        if first.strip().lower().startswith(PREFIX):
            return first
        return _token_of([first, *(sys.stdin.readline(TOKEN_BYTES) for _ in range(typed_code.LINES - 1))])
    except typed_code.TypedCodeError as error:
        raise EnrolmentError(
            f"dòng {error.line} của mã không đúng như trong thư, xin gõ lại đủ mười một ký tự / "
            f"line {error.line} of the code is not as it is printed in the letter: type it again, all eleven characters"
        ) from error
    except OSError as error:
        raise EnrolmentError(
            f"{path}: không đọc được mã; xin chỉ tệp khác, hoặc bỏ --token-file rồi gõ mã / the token cannot be read: "
            f"{error.strerror}; name another file, or leave --token-file out and type it"
        ) from error
    except UnicodeDecodeError as error:
        raise EnrolmentError(
            f"{path}: mã chỉ gồm chữ và số, tệp này không phải văn bản / "
            "the token is plain letters and digits, this is not text"
        ) from error


def _token_of(given: Sequence[str]) -> str:
    """A token in one line, or the lines of a letter."""
    lines = [line for line in given if line.strip()]
    return typed_code.token(lines) if len(lines) > 1 else "".join(lines)


def ask_token(ask: Callable[[str], str], say: Callable[[str], None]) -> str:
    """A token from a person at a terminal: pasted whole, or typed line by line from a letter, each checked at once."""
    first = ask("Dán mã, hoặc gõ dòng 1 trong thư / paste the token, or type line 1 of the letter: ")
    if first.strip().lower().startswith(PREFIX):
        return first
    lines: list[str] = []
    while len(lines) < typed_code.LINES:
        number = len(lines) + 1
        prompt = f"Dòng / line {number}/{typed_code.LINES}: "
        given = first if number == 1 and first else ask(prompt)
        first = ""
        try:
            typed_code.line(given, number)
        except typed_code.TypedCodeError:
            say(f"Dòng {number} chưa đúng, xin gõ lại / line {number} is not right, type it again")
            continue
        lines.append(given)
    return typed_code.token(lines)


def parse_token(text: str) -> Token:
    """Take a token apart.

    Raises:
        EnrolmentError: it is not a token; the message says which part is wrong and never repeats the secret.
    """
    text = text.strip().lower()
    found = _TOKEN.match(text)
    if found is None:
        parts = text.split(".")
        lengths = ".".join(str(len(part)) for part in parts)
        raise EnrolmentError(
            "mã chưa đủ hoặc thừa ký tự, xin chép lại nguyên mã / "
            "this is not a whole token: it has the form gs1.<12>.<26>.<32> (letters a-z, digits 2-7), "
            f"yours has {lengths or 'no'} characters; copy it again from 'giamsat-collector enrol issue'"
        )
    token_id, secret, pin = found.groups()
    try:
        return Token(token_id, base64.b32decode(pin.upper())[:PIN_BYTES], secret)
    except binascii.Error as error:
        raise EnrolmentError(
            "phần cuối của mã bị sai, xin chép lại / the last part of the token is damaged; copy it again"
        ) from error


def enrol(
    collector: str, token: Token, folder: Path, *, hostname: str, machine_id: str = "", clock: Clock = SYSTEM_CLOCK
) -> Identity:
    """Become an agent of the collector at HOST:PORT; the identity is written to `folder`.

    Raises:
        EnrolmentError: the token or the collector is not accepted, this host is enrolled already or its clock wrong.
        TransportError: the collector cannot be reached now.
        IdentityError: the identity cannot be written; found out before the token is spent, as far as that can be.
    """
    must_be_new(folder)
    host, port = split_address(collector)
    shown = presented(host, port)
    roots = pinned_root(shown, token.pin, collector)
    must_be_good_now(shown, collector, clock.wall_ns())
    identities.make_room(folder)
    tls_key, bound_key = keys.fresh(), keys.fresh()
    reply = _redeem(collector, roots, asked(token, tls_key, bound_key, hostname, machine_id))
    chain, validity = keys.chain_pem(list(reply.chain_der))
    identity = Identity(
        agent_id=reply.agent_id,
        unit=reply.unit,
        key=keys.pem(tls_key),
        chain=chain,
        roots=keys.roots_pem(list(reply.roots_der)) or roots,
        validity=validity,
        enrolment=collector,
        carrier=keys.pem_of(list(reply.carrier_der)),
    )
    identities.store(folder, identity, keys.pem(bound_key))
    return identity


def must_be_there(collector: str, clock: Clock = SYSTEM_CLOCK) -> None:
    """What a person who types a code wants to know before: the collector at HOST:PORT answers, and the clock is right.

    Raises:
        EnrolmentError: the clock of this host is wrong, or the address.
        TransportError: the collector cannot be reached now.
    """
    must_be_good_now(presented(*split_address(collector)), collector, clock.wall_ns())


def must_be_new(folder: Path) -> None:
    """EnrolmentError when this host has an identity already; IdentityError when that cannot be found out."""
    try:
        enrolled = identities.exists(folder)
    except OSError as error:
        raise IdentityError(
            f"{folder}: không xem được; chạy bằng root hoặc chủ thư mục, hoặc đặt 'state' trong tệp cấu hình / "
            f"cannot be looked at: {error.strerror}; run as root or the folder's owner, or set 'state' in the file"
        ) from error
    if enrolled:
        known = identities.load(folder)
        raise EnrolmentError(
            f"máy này đã ghi danh / this host is enrolled already as {known.agent_id}, unit {known.unit}; "
            "bước sau / next: sudo giamsat-agent status"
        )


def asked(
    token: Token,
    tls_key: ec.EllipticCurvePrivateKey,
    bound_key: ec.EllipticCurvePrivateKey,
    hostname: str,
    machine_id: str,
) -> enrol_pb2.RedeemRequest:
    """What a host asks with."""
    csr_der, bound_der = keys.certificate_request(tls_key), keys.public_der(bound_key)
    transcript = hashlib.sha256(token.id.encode() + csr_der + bound_der).digest()
    return enrol_pb2.RedeemRequest(
        token_id=token.id,
        secret=token.reveal(),
        csr_der=csr_der,
        bound_spki_der=bound_der,
        bound_signature=keys.sign(bound_key, transcript),
        evidence=enrol_pb2.Evidence(hostname=hostname[:255], machine_id=machine_id[:64], os=platform.platform()[:200]),
        takes_roots=True,
    )


def _redeem(collector: str, roots: bytes, request: enrol_pb2.RedeemRequest) -> enrol_pb2.RedeemReply:
    credentials, chosen = grpc.ssl_channel_credentials(roots), options(limits.MESSAGE_BYTES)
    with grpc.secure_channel(collector, credentials, options=chosen) as channel:
        stub = enrol_pb2_grpc.EnrolStub(channel)  # type: ignore[no-untyped-call]
        tries = 0
        while True:
            try:
                reply: enrol_pb2.RedeemReply = stub.Redeem(request, timeout=PATIENCE_S, wait_for_ready=tries > 0)
            except grpc.RpcError as error:
                tries += 1
                if tries == TRIES or error.code() not in _LOST:
                    raise _refusal(collector, error) from error
            else:
                return reply


def _refusal(collector: str, error: grpc.RpcError) -> EnrolmentError | TransportError:
    code, details = error.code(), said(str(error.details()))
    if code in _PERMANENT:
        return EnrolmentError(
            f"{collector}: bộ thu thập không nhận: mã gõ sai, hết hạn, đã dùng, hoặc máy này chưa được phép; "
            f"xin hỏi đầu mối / the collector refuses: {details}"
        )
    return TransportError(
        f"{collector}: bộ thu thập có đó nhưng chưa trả lời; xem lại cổng ghi danh (7444) rồi thử lại / "
        f"the collector is there and gives no answer: {details}; check the port of enrolment (7444) and try again"
    )
