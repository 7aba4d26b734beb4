# SPDX-License-Identifier: Apache-2.0
"""Finding the one root a token names, before anything secret is said.

The connection made here is thrown away: it only shows which certificates the other end presents.
"""

import hashlib
import re
import socket
import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from OpenSSL import SSL

from giamsat_agent.errors import EnrolmentError, TransportError
from giamsat_agent.uplink import keys

PATIENCE_S: Final = 15.0
PIN_BYTES: Final = 20
CHAIN: Final = 8
"""Certificates looked at; ours presents three, and five while its root is being rotated."""
_HOST: Final = re.compile(r"\A[A-Za-z0-9.:_-]{1,253}\Z")
"""A name or an address, and nothing that is more than that."""


def split_address(collector: str) -> tuple[str, int]:
    """HOST:PORT, an IPv6 address in brackets.

    Raises:
        EnrolmentError: it is not of that form.
    """
    host, mark, port = collector.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not mark or not _HOST.match(host) or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise EnrolmentError(
            f"{collector[:300]!r}: địa chỉ phải có dạng HOST:PORT / is not HOST:PORT; ví dụ / write e.g. "
            "giamsat.example.gov.vn:7444"
        )
    return host, int(port)


def presented(host: str, port: int) -> tuple[x509.Certificate, ...]:
    """The certificates a TLS server presents, unverified.

    Raises:
        TransportError: it cannot be reached, or it does not speak TLS 1.3.
    """
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_3_VERSION)
    context.set_verify(SSL.VERIFY_NONE)
    context.set_alpn_protos([b"h2"])
    try:
        with socket.create_connection((host, port), timeout=PATIENCE_S) as plain:
            plain.settimeout(None)  # pyOpenSSL wants a blocking socket; the kernel keeps the time limit
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(PATIENCE_S))
            connection = SSL.Connection(context, plain)
            connection.set_connect_state()
            connection.do_handshake()
            chain = connection.get_peer_cert_chain(as_cryptography=True) or []
    except (socket.gaierror, UnicodeError) as error:
        raise TransportError(
            f"{host}:{port}: không tìm được tên {host}; xem lại địa chỉ có gõ đúng không, và máy chủ DNS của máy này / "
            f"no address is found for {host}: {error}; check how it is typed, and this host's DNS"
        ) from error
    except (OSError, SSL.Error) as error:
        raise TransportError(
            f"{host}:{port}: không kết nối được; xem lại địa chỉ, cổng (7444), đường mạng và tường lửa / "
            f"no TLS answer: {error}; check the address, the port (7444), the line and the firewall"
        ) from error
    return tuple(chain[:CHAIN])


def pinned_root(chain: Sequence[x509.Certificate], pin: bytes, where: str) -> bytes:
    """The root of the chain whose key hashes to `pin`, as PEM.

    Raises:
        EnrolmentError: the chain holds no such root: this is not the collector the token was made for.
    """
    for certificate in chain:
        if _spki_sha256(certificate)[:PIN_BYTES] == pin and keys.vouches_for_itself(certificate):
            return certificate.public_bytes(Encoding.PEM)
    shown = _spki_sha256(chain[-1])[:PIN_BYTES].hex() if chain else "nothing"
    raise EnrolmentError(
        f"{where} không phải bộ thu thập đã cấp mã này; chưa có bí mật nào được gửi. Xem lại địa chỉ và phần cuối của "
        "mã; nếu đều đúng thì có kẻ đứng giữa, xin báo đầu mối / "
        f"{where} is not the collector this token was made for: it shows the root {shown}, the token names "
        f"{pin.hex()}. Nothing secret was sent. Check the address, and the last part of the token; if both are right, "
        "somebody stands in between: tell the SOC"
    )


def must_be_good_now(chain: Sequence[x509.Certificate], where: str, now_ns: int) -> None:
    """Let pass what a server presents if its certificate is good at this host's time (UNIX nanoseconds).

    Raises:
        EnrolmentError: it is not; said before gRPC, which would try for a minute and not say why.
    """
    now, leaf = datetime.fromtimestamp(now_ns / 1e9, UTC), chain[0]
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        raise EnrolmentError(
            "đồng hồ của máy này sai, xin chỉnh (timedatectl, chronyd) rồi ghi danh lại; chưa gửi bí mật nào / "
            f"this host's clock says {now:%Y-%m-%d %H:%M} UTC, and the certificate of {where} is good from "
            f"{leaf.not_valid_before_utc:%Y-%m-%d} to {leaf.not_valid_after_utc:%Y-%m-%d}. Nothing secret was sent. "
            "Set this host's clock right (timedatectl, chronyd) and enrol again; if it is right, tell the SOC that the "
            "collector's clock is wrong"
        )


def _spki_sha256(certificate: x509.Certificate) -> bytes:
    return hashlib.sha256(
        certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).digest()


def _timeval(seconds: float) -> bytes:
    return struct.pack("ll", int(seconds), 0)
