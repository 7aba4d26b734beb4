# SPDX-License-Identifier: Apache-2.0
"""An event loop whose time passes only while nothing is left to do: what waits for hours is done at once."""

import asyncio
import selectors


class _Skipping(selectors.DefaultSelector):
    """Waits for nobody: the time it was to wait is over."""

    passed_s = 0.0

    def select(self, timeout=None):
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "it waits for something that never comes"
            self.passed_s += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """For what waits on the loop alone; nothing may come from another process or thread."""

    def __init__(self):
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self):
        """Seconds since it was made."""
        return self._skipping.passed_s


def lived(work):
    """What a coroutine returns, however long it takes."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
