# SPDX-License-Identifier: Apache-2.0
"""Who talked with whom, each minute: those with the most bytes one by one as far as the budget goes, and sums."""

import ipaddress
from collections.abc import Iterator
from itertools import islice
from typing import Final

from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Table
from giamsat_agent.packets.flows import Flow, Flows
from giamsat_agent.packets.payloads.dns_message import borne
from giamsat_agent.packets.payloads.handshake import ClientGreeting
from giamsat_agent.packets.telling.report import FLOW_LINES, FlowMinute
from giamsat_wire.flow import NAME, FlowRow

MINUTE_NS: Final = 60 * 1_000_000_000
FIRST_NS: Final = 10 * 1_000_000_000
"""After that the first is told: so it is soon known whether anything is seen at all."""
FLOWS: Final = 4_096
"""Flows of one minute that are told apart."""
AT_ONCE: Final = 256
"""Flows of one batch (16,384 frames, or 2 s) that are looked at one by one: a flood costs no more than that."""
DNS: Final = 53
ANSWERS: Final = 64
"""Answers of DNS of one batch that are read."""
NAMES: Final = 4_096
"""Names that are remembered, by connection and by address."""
_MS: Final = 1_000_000

_Ends = tuple[str, int, str, int]


class FlowMinutes:
    """The flows of one interface. `ended` are all that were told apart in the minute that was told last."""

    def __init__(self, interface: str, most_bytes: int) -> None:
        """`most_bytes` is what the lines of one minute may take."""
        self._interface = interface
        self._most_bytes = most_bytes
        self._flows = Flows(FLOWS, AT_ONCE)
        self._greeted: Table[_Ends, tuple[str, str]] = Table(NAMES)
        self._called: Table[str, str] = Table(NAMES)
        self.ended: list[Flow] = []
        self._since_ns = 0
        self._begun = False

    def take(self, batch: Batch) -> None:
        """Look at the next frames."""
        self._flows.take(batch)
        text = batch.addresses.text
        for greeting in batch.greetings:
            if isinstance(greeting, ClientGreeting):
                client, server, near, far = greeting.ends
                self._greeted.put(
                    (text(client), near, text(server), far), (_word(greeting.hello.server_name), greeting.ja4)
                )
        answers = (message for message in batch.dns if message.question.is_answer and message.source_port == DNS)
        for message in islice(answers, ANSWERS):
            for name, packed in borne(message.content):
                self._called.put(str(ipaddress.ip_address(packed)), _word(name))

    def due(self, now_ns: int) -> Iterator[FlowMinute]:
        """The minute that is over, if one is."""
        if not self._since_ns or now_ns < self._since_ns:
            self._since_ns = now_ns
        if now_ns - self._since_ns < (MINUTE_NS if self._begun else FIRST_NS):
            return
        self._begun = True
        self.ended, rest = self._flows.top(FLOWS)
        lines: list[str] = []
        left = self._most_bytes
        for flow in self.ended[:FLOW_LINES]:
            line = self._row(flow).line()
            left -= len(line) + 1
            if left < 0:
                break
            lines.append(line)
        for flow in self.ended[len(lines) :]:
            rest.add(flow)
        yield FlowMinute(
            interface=self._interface,
            start_ns=self._since_ns,
            end_ns=now_ns,
            lines=tuple(lines),
            rest_flows=rest.flows,
            rest_packets=rest.packets,
            rest_bytes=rest.size,
            not_ip=rest.other,
        )
        self._flows.clear()
        self._since_ns = now_ns

    def _row(self, flow: Flow) -> FlowRow:
        ends = (flow.source, flow.source_port, flow.destination, flow.destination_port)
        name, ja4 = self._greeted.get(ends) or ("", "")
        return FlowRow(
            flow.protocol,
            *ends,
            flow.sent_packets,
            flow.sent_bytes,
            flow.received_packets,
            flow.received_bytes,
            flow.flags,
            max(flow.first_ns - self._since_ns, 0) // _MS,
            max(flow.last_ns - flow.first_ns, 0) // _MS,
            name or self._called.get(flow.destination) or "",
            ja4,
        )


def _word(text: str) -> str:
    """What a network called something, as far as it is plain text; of a long name the end, which says whose it is."""
    plain = "".join(letter for letter in text[-4 * NAME :] if "!" <= letter <= "~" and letter != ",")
    return plain if len(plain) <= NAME else plain[-NAME - 1 :].partition(".")[2] or plain[-NAME:]
