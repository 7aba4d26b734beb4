# SPDX-License-Identifier: Apache-2.0
"""A port that takes connections, and says what is expected of it."""

from giamsat_agent.address import split
from giamsat_agent.check import Run, UnusableError, WrongAnswerError, shorten
from giamsat_agent.check_settings import Tcp
from giamsat_agent.protocols.connection import AT_ONCE, opened


class TcpCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Tcp) -> None:
        self._its = its

    async def run(self, run: Run) -> None:
        """Connect, say what is to be said, and read until what is expected has come."""
        host, port = split(self._its.target, 0)
        if not port:
            raise UnusableError(f"{self._its.target}: a TCP check needs a port; write it as HOST:PORT")
        async with opened(run, host, port) as connection:
            if self._its.send:
                await connection.send(self._its.send.encode())
            if not self._its.expect:
                return
            heard, wanted = b"", self._its.expect.encode()
            while wanted not in heard:
                more = await connection.some()
                heard += more
                if not more or len(heard) > AT_ONCE:
                    run.set("probe_failed_due_to_regex", 1)
                    said = shorten(heard[:80].decode("utf-8", "replace"))
                    raise WrongAnswerError(f"it does not say {self._its.expect!r}; it begins with {said!r}")
            run.set("probe_failed_due_to_regex", 0)
