# SPDX-License-Identifier: Apache-2.0
"""Names that do not exist: those that a program made up (ATT&CK T1568.002), and storms of them.

A program that makes domains up to find its server asks for many that do not exist: noise, or words, but then hardly any
that does exist. People mistype now and then, and most of what they ask for is there; a mail server looks up what those
who write to it made up, but not to call it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.message import Message
from giamsat_agent.packets.detector import Lately, Room, Table, Told
from giamsat_agent.packets.payloads.dns_message import BACKWARDS, NXDOMAIN, PLAIN, SECOND_LEVEL, Question
from giamsat_agent.packets.payloads.randomness import looks_made_up
from giamsat_wire.clock import SECOND_NS

SPAN_NS: Final = 300 * SECOND_NS
MADE_UP: Final = 10
ABSENT: Final = 30
"""Domains that do not exist, whatever they look like, within SPAN_NS, if hardly any does that was asked for."""
STORM: Final = 100
STORM_NS: Final = 60 * SECOND_NS
PORT: Final = 53
LISTED: Final = re.compile(r"(\d{1,3}\.){4}|([0-9a-f]\.){32}")
"""So begins what a mail server asks a block list; that a sender is not listed is the rule (RFC 5782)."""
ENDS: Final = SECOND_LEVEL | {"local", "lan"}
"""How a name ends to which a client added its own domain, in search of it (RFC 1535)."""
COUNTRY: Final = 2
"""Letters of a country's domain: a name below it counts until the name before it turns out to be there."""
PRIVATE: Final = frozenset({"corp", "home", "internal", "intranet", "lan", "local", "localdomain", "private"})
"""Names within an organisation that nobody registers (RFC 6762, appendix G)."""
RESOLVERS: Final = 1_024
CLIENTS: Final = 256
"""Clients whose missing names are kept: with what is kept of each, 20 MB at most, whoever asks for whatever."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """So many different names that do not exist are told of, in these words of CLIENT and COUNT."""

    name: str
    least: int
    words: tuple[str, str]

    def anomaly(self, client: str, server: str, its: Lately[int], now: int) -> Anomaly:
        """What is told of a client that asked a server for these."""
        vi, en = (words.format(client=client, count=its.different) for words in self.words)
        return Anomaly(
            name=self.name,
            severity=Severity.MEDIUM,
            words=(vi, en),
            source_ip=client,
            first_ns=its.seen[0][0],
            last_ns=now,
            targets=[Target(server, PORT)],
            counts={"packets": len(its.seen), "names": its.different},
            frames=[number for _, _, number in its.seen],
        )


INVENTED: Final = _Sign(
    "dns_dga",
    MADE_UP,
    (
        "{client} hỏi {count} tên miền không tồn tại, trông như do máy sinh ra",
        "{client} asked for {count} domains that do not exist and look made up by a program",
    ),
)
NOT_THERE: Final = _Sign(
    "dns_dga",
    ABSENT,
    (
        "{client} hỏi {count} tên miền không tồn tại trong năm phút, hầu như không tên nào có thật",
        "{client} asked for {count} domains that do not exist in five minutes, and hardly any does",
    ),
)
STORMING: Final = _Sign(
    "nxdomain_storm",
    STORM,
    (
        "{client} hỏi {count} tên không tồn tại trong một phút",
        "{client} asked for {count} names that do not exist within a minute",
    ),
)


@dataclass(slots=True)
class _Missing:
    """Domains that did not exist and look made up, and all names of the last minute: their hashes, which are keyed.

    And domains that did not exist whatever they look like, and that did; and of names of the last minute that a client
    may have made by adding its own domain, what they were before.
    """

    invented: Lately[int] = field(default_factory=lambda: Lately(8 * MADE_UP, SPAN_NS))
    storm: Lately[int] = field(default_factory=lambda: Lately(3 * STORM // 2, STORM_NS))
    absent: Lately[int] = field(default_factory=lambda: Lately(3 * ABSENT // 2, SPAN_NS))
    there: Lately[int] = field(default_factory=lambda: Lately(ABSENT, SPAN_NS))
    searched: dict[int, int] = field(default_factory=dict)

    def fails(self, asked: Question, now_ns: int, number: int) -> None:
        """A name is not there that counts for a storm."""
        self.storm.add(now_ns, hash(asked.name), number)
        if before := before_search(asked):
            self.searched[hash(before)] = hash(asked.name)
            if len(self.searched) > STORM:
                del self.searched[next(iter(self.searched))]


class MissingNames:
    """What did not exist, by client."""

    def __init__(self) -> None:
        self.room = Room()
        self._missing: Table[int, _Missing] = self.room.table(CLIENTS)
        self._resolvers: Table[int, bool] = self.room.table(RESOLVERS)
        """Who answers what others ask: what he asks himself he asks for them."""
        self._told: Told[tuple[str, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        for message in batch.dns:
            asked = message.question
            if asked.is_answer and message.source not in self._resolvers:
                self._resolvers.put(message.source, value=True)
            if asked.is_answer and asked.code == NXDOMAIN and message.destination not in self._resolvers:
                yield from self._absent(batch, message.place, asked)
            elif asked.is_answer and asked.code == 0 and len(self._missing):
                self._is_there(message)

    def _is_there(self, message: Message) -> None:
        """A name that exists, asked for by a client that asks for others that do not."""
        missing = self._missing.get(message.destination)
        searched = missing.searched.pop(hash(message.question.name), 0) if missing and missing.searched else 0
        if missing is not None and searched:
            missing.storm.drop(searched)
        if missing is not None and 2 * missing.absent.different >= ABSENT:
            missing.there.add(message.at_ns, hash(message.question.domain), message.number)

    def _absent(self, batch: Batch, at: int, asked: Question) -> Iterator[Anomaly]:
        """A name that does not exist."""
        client, server, now = int(batch.destination[at]), int(batch.source[at]), int(batch.time_ns[at])
        missing = self._missing.get(client) or self._missing.put(client, _Missing())
        # A name of one label is a browser's, which tries whether this network answers for whatever is asked; and a
        # program that looks for its server asks for an address: who asks for more looks up what others named.
        is_domain = asked.kind in PLAIN and "." in asked.domain and asked.domain.rpartition(".")[2] not in PRIVATE
        made_up = is_domain and looks_made_up(asked.domain.split(".")[0])
        number = int(batch.number[at])
        if made_up:
            missing.invented.add(now, hash(asked.domain), number)
        if is_domain:
            missing.absent.add(now, hash(asked.domain), number)
        # A client that searches adds its own domain, the same one to all: those made up still are as many as they are.
        is_storm = not is_searched(asked)
        if is_storm:
            missing.fails(asked, now, number)
        is_alone = is_domain and missing.absent.different > 2 * missing.there.different
        for counts, sign, its in (
            (made_up, INVENTED, missing.invented),
            (is_alone, NOT_THERE, missing.absent),
            (is_storm, STORMING, missing.storm),
        ):
            if counts and its.different >= sign.least and self._told.due((sign.name, client), now, its.different):
                yield sign.anomaly(batch.addresses.text(client), batch.addresses.text(server), its, now)
                return


def is_searched(asked: Question) -> bool:
    """Whether it is no wonder that there is no such name: an address, or another name with a search domain added."""
    if asked.name.endswith(BACKWARDS) or LISTED.match(asked.name):
        return True
    return any(label in ENDS for label in asked.below.split(".")[1:])


def before_search(asked: Question) -> str:
    """What a client may have asked for before it added its own domain: up to a country's; empty if nothing was."""
    labels = asked.below.split(".")
    ends = [at for at, label in enumerate(labels) if at and len(label) == COUNTRY]
    return ".".join(labels[: ends[-1] + 1]) if ends else ""
