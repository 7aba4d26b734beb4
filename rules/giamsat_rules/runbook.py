# SPDX-License-Identifier: Apache-2.0
"""What a rule says to do first, step by step."""

import re
from typing import Final

_NUMBER: Final = re.compile(r"(?:^|\s)\d{1,2}\.\s")


def steps(runbook: str) -> tuple[str, ...]:
    """The steps of a runbook: numbered ones without their numbers, or else its lines."""
    parts = _NUMBER.split(runbook) if _NUMBER.match(runbook) else runbook.splitlines()
    return tuple(part.strip() for part in parts if part.strip())
