# SPDX-License-Identifier: Apache-2.0
"""The signer as a child of the collector, where it is not a service of its own: started, watched, and started anew."""

import asyncio
import contextlib
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger()

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
STOP_S: Final = 3.0
STEADY_S: Final = 60.0
"""After so long a life the next end is a new trouble, not the same again."""
HUNG_S: Final = 20.0
"""One that lives and has not answered for so long does nothing any more: it is ended, and so started anew."""
ENDED, HUNG = "ended", "hung"


class SignerProcess:
    """Keeps a signer with the keys in `folder` running, on the socket at `path`.

    `restarts_total` counts by why it was started anew: it ended by itself, or hung.
    """

    def __init__(self, folder: Path, path: Path) -> None:
        self.restarts_total = Counter({ENDED: 0, HUNG: 0})
        self._heard_s, self._why = 0.0, ENDED
        self._words = ("-m", "giamsat_collector.signing", str(folder), str(path), "--child")
        self._child: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it. It ends with this process, however that ends: its standard input is then closed."""
        # What the service manager told the collector is not for its child.
        environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
        self._child = await asyncio.create_subprocess_exec(
            sys.executable, *self._words, stdin=asyncio.subprocess.PIPE, env=environment
        )
        self._heard_s, self._why = asyncio.get_running_loop().time(), ENDED

    def watch(self, *, answers: bool) -> None:
        """To be called every few seconds: whether it answers now. One that hangs is ended; `keep` does the rest."""
        now_s = asyncio.get_running_loop().time()
        if answers:
            self._heard_s = now_s
        elif self._child is not None and self._child.returncode is None and now_s - self._heard_s >= HUNG_S:
            log.error("signer_hangs", silent_s=round(now_s - self._heard_s))
            self._heard_s, self._why = now_s, HUNG
            self._child.kill()

    async def keep(self) -> None:
        """Start it anew whenever it has ended, ever more slowly."""
        loop, pause_s = asyncio.get_running_loop(), FIRST_PAUSE_S
        while self._child is not None:
            began = loop.time()
            code = await self._child.wait()
            if loop.time() - began >= STEADY_S:
                pause_s = FIRST_PAUSE_S
            log.error("signer_ended", code=code, why=self._why, again_in_s=pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            self.restarts_total[self._why] += 1
            try:
                await self.start()
            except OSError as error:  # no memory or no process to spare: nothing else of the collector ends for that
                log.error("signer_not_started", reason=str(error))  # noqa: TRY400 - the reason says it all

    async def stop(self) -> None:
        """End it in order, or at once when it does not hear."""
        child, self._child = self._child, None
        if child is None:
            return
        for end in (child.terminate, child.kill):
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                end()
                async with asyncio.timeout(STOP_S):
                    await child.wait()
                return
