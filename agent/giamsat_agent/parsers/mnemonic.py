# SPDX-License-Identifier: Apache-2.0
"""`%FACILITY-SEVERITY-MNEMONIC: text`, as Cisco and those who write like Cisco (Ruijie, Arista, Dell, …) name messages.

For messages that no product file describes: what was said is known by its mnemonic, so that it can be looked for.
"""

import re
from typing import Final

from giamsat_agent.message import Meaning

PARSER: Final = "mnemonic"
_HEAD: Final = re.compile(r"%[A-Z][\w/-]{1,47}-\d-(?P<name>[A-Z][A-Z0-9_]{2,63}) ?:")


def parse(text: str) -> Meaning | None:
    """The message's mnemonic; None when it has none."""
    head = _HEAD.match(text) if text.startswith("%") else None
    return None if head is None else Meaning("log-message", {"event.code": head["name"]})
