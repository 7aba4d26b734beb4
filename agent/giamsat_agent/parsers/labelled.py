# SPDX-License-Identifier: Apache-2.0
"""Values behind labels: `Log type: IPS, src IP: 192.0.2.1, src port: 4000, action: Denied`, as Sangfor writes them.

A value goes on to the next comma with a label behind it. What a peer chose may hold labels, too: of a label that comes
twice the first counts where the device alone wrote all before it, and none where it did not.
"""

import re
from typing import Final

from giamsat_agent.parsers.parsed_line import VALUES_MOST

MARKS: Final = ("Log type:", "Log Type:", "日志类型:")
"""How such a message begins."""
_LABEL: Final = re.compile(r"(?:^|, ?)([^\W\d][\w /()]{0,39}): ?")
_CHOSEN: Final = ("user", "url", "host", "用户", "domain", "file")
"""How labels begin whose values a peer may choose."""


def values(text: str) -> dict[str, str] | None:
    """The values by their labels in small letters; None where there are no two."""
    labels = list(_LABEL.finditer(text))[:VALUES_MOST]
    found: dict[str, str] = {}
    doubtful: set[str] = set()
    device = True
    for label, end in zip(labels, [*(each.start() for each in labels[1:]), len(text)], strict=False):
        name = label[1].strip().lower()
        if name not in found:
            found[name] = text[label.end() : end].strip()
            doubtful |= set() if device else {name}
        elif name in doubtful:
            found[name] = ""
        device = device and not name.startswith(_CHOSEN)
    return found if len(found) > 1 else None
