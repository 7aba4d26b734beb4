# SPDX-License-Identifier: Apache-2.0
"""A list is read by a process of its own: what that takes of memory is given back, and nobody waits meanwhile."""

import asyncio
import json
import os
import sys
from dataclasses import asdict
from typing import Final

import structlog

from giamsat_collector.errors import RefusedError
from giamsat_collector.indicators.import_plan import Change, Wanted

log = structlog.get_logger()

LONGEST_S: Final = 300.0
_WORDS: Final = ("-m", "giamsat_collector.indicators")


async def change(packed: bytes, wanted: Wanted, before: bytes, now_s: int) -> Change:
    """What a file would make of the list there is, as `bringing.change` says it.

    Raises:
        RefusedError: the process failed, or was not done in time.
    """
    asked = json.dumps({"wanted": asdict(wanted), "now": now_s, "before": len(before)}).encode()
    # What the service manager told the collector is not for its child.
    environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
    pipe = asyncio.subprocess.PIPE
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable, *_WORDS, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
        )
    except OSError as error:  # no memory or no process to spare
        raise RefusedError(f"reading the list could not be begun: {error.strerror}; try again later") from error
    try:
        async with asyncio.timeout(LONGEST_S):
            said, why = await child.communicate(b"".join((asked, b"\n", before, packed)))
    except TimeoutError as error:
        raise RefusedError(f"reading the list took longer than {LONGEST_S:.0f} s; make two lists of it") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        log.error("list_not_read", code=child.returncode, reason=why[-2_000:].decode(errors="replace"))
        raise RefusedError("reading the list failed; the collector's log says why. Is there memory left?")
    line, _, kept = said.partition(b"\n")
    return Change.of_json(json.loads(line), kept)
