# SPDX-License-Identifier: Apache-2.0
"""Messages of F5's BIG-IP: `CODE:LEVEL: words`, a code of eight digits (BIG-IP Log Messages)."""

import re
from typing import Final

MARK: Final = "0"
_HEAD: Final = re.compile(r"(?P<code>0[\da-f]{7}):\d: ")


def values(text: str) -> dict[str, str] | None:
    """The code and the words; None where a text begins otherwise."""
    head = _HEAD.match(text)
    return None if head is None else {"bigip.code": head["code"], "message": text[head.end() :]}
