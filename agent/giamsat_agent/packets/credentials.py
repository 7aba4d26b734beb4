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
