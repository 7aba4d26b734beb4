# SPDX-License-Identifier: Apache-2.0
"""What an agent says of itself, of now unless something else is said."""

import time
from typing import Any

from giamsat_agent.status import Status


def made(**changes):
    """A status with some of its words changed."""
    words: dict[str, Any] = {
        "version": "1.2",
        "pid": 1,
        "agent_id": "a-1",
        "unit": "40.412",
        "collector": "c:7443",
        "connected": True,
        "problem": "",
        "started_ns": 1,
        "written_ns": time.time_ns(),
        "acknowledged_ago_s": 1.0,
        "offset_ns": 0,
        "lanes": [],
        "failing": {},
        "sensors": 20,
        "memory_bytes": 1 << 20,
        "certificate_until_s": 1_800_000_000,
        "certificate_problem": "",
    }
    return Status(**(words | changes))
