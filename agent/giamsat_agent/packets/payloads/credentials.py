# SPDX-License-Identifier: Apache-2.0
"""Whether a request of HTTP (RFC 9110, section 11) or SIP (RFC 3261, section 22) tries a password.

A server that asks for a password refuses the first request of everybody; only who brought one was guessing. NTLM takes
two rounds before the password is in it (MS-NTHT, MS-NLMP), a ticket and a token are no passwords.
"""

import re
from typing import Final

_BROUGHT: Final = re.compile(
    rb"\r\n(?:proxy-)?authorization:[ \t]*(?:(basic|digest) |(?:ntlm|negotiate) +(tlrmtvntuaad))", re.IGNORECASE
)
"""The last is how the third message of NTLM begins in Base64."""
_USER: Final = re.compile(rb'[ ,]username="([^"\r\n]{1,128})"', re.IGNORECASE)
_OTHER: Final = re.compile(rb"\r\n(?:proxy-)?authorization:", re.IGNORECASE)
_BODY: Final = re.compile(rb"\r\n(?:content-length:[ \t]*0{0,8}[1-9]|transfer-encoding:)", re.IGNORECASE)
_END: Final = b"\r\n\r\n"


def brings_password(request: bytes) -> bool | None:
    """Whether a request holds a password, or what was made of one; None if its head was not seen to the end.

    What is posted without any ticket may be the form of a login.
    """
    head, end, _ = request.partition(_END)
    if _BROUGHT.search(head):
        return True
    if not end:
        return None
    return head.startswith(b"POST ") and not _OTHER.search(head) and _BODY.search(head) is not None


def bringer(request: bytes) -> bytes | None:
    """For whom a header brings a password: empty where it does not say so plainly, None without such a header."""
    header = _BROUGHT.search(request.partition(_END)[0])
    if header is None:
        return None
    user = _USER.search(request, header.end() - 1, request.find(b"\r\n", header.end()))
    return user[1].lower() if user else b""
