# SPDX-License-Identifier: Apache-2.0
"""Messages of the Linux kernel: programs that crashed or were ended, packets refused, interfaces that hear all."""

from collections.abc import Iterable
from typing import Final

from giamsat_agent.log import Entry
from giamsat_agent.message import Meaning
from giamsat_agent.parsers import netfilter, product

PROGRAM: Final = "kernel"
REFUSED: Final = "connection-denied"


class Kernel:
    """Understands the kernel."""

    def __init__(self) -> None:
        self._said = product.one("kernel")

    def parse(self, entry: Entry) -> Iterable[Meaning]:
        """What one message says happened; packets that passed are no news of a host."""
        text = entry.text
        if " PROTO=" in text and "SRC=" in text:
            packet = netfilter.parse(text)
            return () if packet is None or packet.kind != REFUSED else (packet,)
        meaning = self._said.of_text(text)
        return () if meaning is None else (meaning,)
