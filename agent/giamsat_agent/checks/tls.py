# SPDX-License-Identifier: Apache-2.0
"""A port that speaks TLS at once: the handshake, the certificates and until when they are valid."""

from typing import Final

from giamsat_agent.address import split
from giamsat_agent.check import Run
from giamsat_agent.check_settings import Tls
from giamsat_agent.protocols.connection import encrypted

PORT: Final = 443


class TlsCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Tls) -> None:
        self._its = its

    async def run(self, run: Run) -> None:
        """Connect and shake hands."""
        host, port = split(self._its.target, PORT)
        async with encrypted(run, host, port, self._its):
            pass
