# SPDX-License-Identifier: Apache-2.0
"""Whether a request of HTTP (RFC 9110, section 11) or SIP (RFC 3261, section 22) tries a password.

A server that asks for a password refuses the first request of everybody; only who brought one was guessing. NTLM takes
two rounds before the password is in it (MS-NTHT, MS-NLMP), a ticket and a token are no passwords.
"""

import re
from typing import Final

_BROUGHT: Final = re.compile(
    rb"\r\n(?:proxy-)?authorization: *(?:(basic|digest) |(?:ntlm|negotiate) +(tlrmtvntuaad))", re.IGNORECASE
)
"""The last is how the third message of NTLM begins in Base64."""


def brings_password(request: bytes) -> bool:
    """Whether the head of a request holds a password, or what was made of one."""
    return _BROUGHT.search(request) is not None
