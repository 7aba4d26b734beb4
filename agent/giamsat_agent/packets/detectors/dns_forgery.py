# SPDX-License-Identifier: Apache-2.0
"""Forged answers of DNS (ATT&CK T1557; RFC 5452): one question answered twice and differently, and guessed answers.

A server answers a question once. Who forges answers is quicker than the server, whose own answer comes after and says
something else; or does not see the question and guesses its number, so that answers to no question rain down (the
attack that Kaminsky described in 2008).
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from giamsat_agent.packets.anomaly import FRAMES, Anomaly, Severity, Target
from giamsat_agent.packets.columns.addresses import mac_text
from giamsat_agent.packets.columns.batch import DNS, UDP, Batch
from giamsat_agent.packets.columns.message import Message
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_agent.packets.payloads.dns_message import NUMBER, NXDOMAIN, given
from giamsat_wire.clock import SECOND_NS

WAIT_NS: Final = 10 * SECOND_NS
"""How long a client waits for an answer, with room to spare."""
GUESSES: Final = 20
"""Answers about one name with numbers nobody asked with, within WAIT_NS; a late answer is one."""
KEPT: Final = 256

_Name = tuple[int, int, str]
_Question = tuple[int, int, str, int, bytes]


class _Asked(msgspec.Struct, gc=False):
    """One question: when, how often it was sent, and what came back from whom, in which frame."""

    at_ns: int
    times: int = 0
    answers: list[tuple[frozenset[bytes], tuple[int, int], int]] = msgspec.field(default_factory=list)


class DnsForgery:
    """Questions by client, server, name, port and number; numbers guessed by client, server and name."""

    def __init__(self) -> None:
        self.room = Room()
        self._asked: Table[_Question, _Asked] = self.room.table(8_192)
        self._names: Table[_Name, int] = Table(8_192)
        self._guessed: Table[_Name, dict[tuple[int, int], tuple[int, int]]] = self.room.table(1_024)
        self._told: Told[tuple[str, int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        for message in batch.dns:
            if message.protocol != UDP:
                continue
            if not message.question.is_answer:
                self._note(message)
            elif message.source_port == DNS and (forged := self._answered(batch, message)):
                yield forged

    def _note(self, message: Message) -> None:
        name = (message.source, message.destination, message.question.name)
        key, now = (*name, message.source_port, message.content[:NUMBER]), message.at_ns
        row = self._asked.get(key)
        if row is None or now - row.at_ns > WAIT_NS:
            row = self._asked.put(key, _Asked(now))
        row.times += 1
        self._names.put(name, now)

    def _answered(self, batch: Batch, message: Message) -> Anomaly | None:
        name = (message.destination, message.source, message.question.name)
        now = message.at_ns
        row = self._asked.get((*name, message.destination_port, message.content[:NUMBER]))
        if row is not None:
            if now - row.at_ns > WAIT_NS:
                return None
            answer = (name, given(message.content), message.question.code == NXDOMAIN)
            return self._raced(batch, message.place, row, answer)
        asked_ns = self._names.get(name)
        if asked_ns is None or now - asked_ns > WAIT_NS:
            return None
        return self._guess(batch, message.place, name, int.from_bytes(message.content[:NUMBER]))

    def _raced(
        self, batch: Batch, at: int, row: _Asked, answer: tuple[_Name, frozenset[bytes], bool]
    ) -> Anomaly | None:
        """An answer to a question that was asked: tell when it was answered before, by another, and differently."""
        name, addresses, is_missing = answer
        if (not addresses and not is_missing) or len(row.answers) >= FRAMES:
            return None
        # Its distance and its neighbour: who forges stands elsewhere than the server.
        sender, now = (int(batch.source_mac[at]), int(batch.ttl[at])), int(batch.time_ns[at])
        row.answers.append((addresses, sender, int(batch.number[at])))
        others = [
            one for one in row.answers[:-1] if not one[0] & addresses and one[0] != addresses and one[1] != sender
        ]
        if len(row.answers) <= row.times or not others or not self._told.due(("race", *name[:2]), now, 1):
            return None
        text = batch.addresses.text
        return Anomaly(
            name="dns_forgery",
            severity=Severity.HIGH,
            words=(
                f"{text(name[0])} hỏi tên {name[2]} và nhận các câu trả lời trái nhau: có bên giả danh {text(name[1])}",
                f"{text(name[0])} asked for {name[2]} and was told different things: someone poses as {text(name[1])}",
            ),
            source_ip=text(name[1]),
            source_mac=mac_text(others[0][1][0]),
            first_ns=row.at_ns,
            last_ns=now,
            targets=[Target(text(name[0]))],
            counts={"packets": len(row.answers), "answers": len(row.answers)},
            frames=[frame for _, _, frame in row.answers],
        )

    def _guess(self, batch: Batch, at: int, name: _Name, number: int) -> Anomaly | None:
        """An answer to no question, about a name that was asked for with another number."""
        now = int(batch.time_ns[at])
        guesses = self._guessed.get(name) or self._guessed.put(name, {})
        guess = (int(batch.destination_port[at]), number)
        guesses.pop(guess, None)
        guesses[guess] = (now, int(batch.number[at]))
        while len(guesses) > KEPT or now - next(iter(guesses.values()))[0] > WAIT_NS:
            del guesses[next(iter(guesses))]
        if len(guesses) < GUESSES or not self._told.due(("guess", *name[:2]), now, len(guesses)):
            return None
        text = batch.addresses.text
        return Anomaly(
            name="dns_forgery",
            severity=Severity.HIGH,
            words=(
                f"{text(name[0])} nhận {len(guesses)} câu trả lời đoán mò về tên {name[2]}, giả danh {text(name[1])}",
                f"{text(name[0])} was sent {len(guesses)} guessed answers about {name[2]} that pose as {text(name[1])}",
            ),
            source_ip=text(name[1]),
            source_mac=mac_text(int(batch.source_mac[at])),
            first_ns=next(iter(guesses.values()))[0],
            last_ns=now,
            targets=[Target(text(name[0]))],
            counts={"packets": len(guesses), "guesses": len(guesses)},
            frames=[frame for _, frame in guesses.values()],
        )
