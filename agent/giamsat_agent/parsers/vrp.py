# SPDX-License-Identifier: Apache-2.0
"""Messages of Huawei's VRP and H3C's Comware: `%%01MODULE/LEVEL/BRIEF(TYPE)[COUNT]:text with name=value pairs`."""

import re
from typing import Final

from giamsat_agent.parsers.key_value import pairs

_HEAD: Final = re.compile(
    r"%%\d{2}(?P<module>[\w-]{1,32})/(?P<level>\d)/(?P<brief>[\w-]{1,64})(?:\([a-z]\))?(?:\[\d{1,10}\])?:?\s*"
)


def values(text: str) -> dict[str, str] | None:
    """The module, the brief and the pairs of a message; None when its head is another."""
    head = _HEAD.match(text)
    if head is None:
        return None
    rest = text[head.end() :]
    named = pairs(rest.replace("(", " ").replace(")", " "))
    return {
        "vrp.module": head["module"],
        "vrp.level": head["level"],
        "vrp.brief": head["brief"],
        "message": rest,
        **named,
    }
