# SPDX-License-Identifier: Apache-2.0
import base64
import struct

import pytest

from giamsat_agent.packets.payloads.credentials import bringer, brings_password


def ntlm(kind):
    return b"Authorization: NTLM " + base64.b64encode(b"NTLMSSP\0" + struct.pack("<I", kind) + bytes(30))


@pytest.mark.parametrize(
    ("header", "brings"),
    [
        (b"Authorization: Basic dXNlcjpwYXNz", True),
        (b'authorization:Digest username="x"', True),
        (b'Proxy-Authorization: Digest username="x"', True),
        (b"Authorization:\tBasic dXNlcjpwYXNz", True),
        (ntlm(3), True),
        (ntlm(1), False),
        (b"Authorization: Negotiate YIIGngYGKwYBBQUCoII", False),
        (b"Authorization: Bearer eyJhbGciOiJSUzI1NiJ9", False),
        (b"X-Note: Authorization: Basic", False),
        (b"Accept: */*", False),
    ],
)  # fmt: skip
def test_only_a_password_or_what_was_made_of_it_is_a_try(header, brings):
    assert brings_password(b"GET / HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n") is brings


LOGIN = b"POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n"


@pytest.mark.parametrize(
    ("request_", "brings"),
    [
        (LOGIN % (30, b"") + b'{"user":"a"', True),
        (LOGIN % (0, b""), False),
        (LOGIN % (30, b"Authorization: Bearer a.b.c\r\n"), False),
        (b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"c" * 600, None),
    ],
    ids=["what is posted", "nothing", "with a token", "a head that goes on"],
)
def test_what_is_posted_may_be_a_password_and_a_head_that_goes_on_may_bring_one(request_, brings):
    assert brings_password(request_) is brings


@pytest.mark.parametrize(
    ("header", "user"),
    [
        (b'Authorization: Digest realm="x", username="Binh", nonce="a"', b"binh"),
        (b'Authorization: Digest username="Binh"', b"binh"),
        (b'Authorization: Digest realm="x"\r\nX-Note: username="an"', b""),
        (ntlm(3), b""),
        (b"Authorization: Bearer a.b.c", None),
        (b"Accept: */*", None),
    ],
)
def test_a_header_says_for_whom_it_brings_a_password(header, user):
    assert bringer(b"GET / HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n") == user
