# SPDX-License-Identifier: Apache-2.0
"""Tells every open page that the alerts changed. Holds no queue: who was slow hears of the newest edition only."""

import asyncio


class News:
    """Counts editions. `publish` and `wait` belong to one event loop."""

    def __init__(self) -> None:
        self.edition = 0
        self.closed = False
        self._next = asyncio.Event()

    def publish(self) -> None:
        """The alerts changed."""
        self.edition += 1
        self._wake()

    def close(self) -> None:
        """No more news: every stream ends, so that the server can stop."""
        self.closed = True
        self._wake()

    async def wait(self, known: int, at_most_s: float) -> int:
        """The newest edition, as soon as it is newer than `known`, the news are closed, or the time is over."""
        if self.edition == known and not self.closed:
            try:
                async with asyncio.timeout(at_most_s):
                    await self._next.wait()
            except TimeoutError:
                pass
        return self.edition

    async def rest(self, seconds: float) -> None:
        """Let changes gather before the next message; over at once when the news are closed."""
        if not self.closed:
            await asyncio.sleep(seconds)

    def _wake(self) -> None:
        self._next.set()
        self._next = asyncio.Event()
