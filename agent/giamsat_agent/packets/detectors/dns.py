# SPDX-License-Identifier: Apache-2.0
"""Names that carry data (ATT&CK T1071.004, T1048).

A tunnel writes its data before one registered domain: every name is new, long, and looks like noise. People and
programs at work repeat the names they need, and call the hosts they asked for. Names of clouds are long, but made of
words and numbers; what programs against malware ask is noise, but short or a checksum, and the answer is an address of
this very host (RFC 5782). Data that comes the other way is in the answers to ever new names, and in no address.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final, NamedTuple

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.message import Message
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_agent.packets.payloads.dns_message import BACKWARDS, NXDOMAIN, PLAIN, Question, given, told
from giamsat_agent.packets.payloads.encoded_text import holds_data, reads
from giamsat_agent.packets.payloads.randomness import is_noise, looks_made_up
from giamsat_agent.packets.reached_names import Reached
from giamsat_wire.clock import SECOND_NS

SPAN_NS: Final = 300 * SECOND_NS
NAMES: Final = 20
"""Different names below one domain within SPAN_NS, each at least CARRIED characters long before it."""
CARRIED: Final = 24
SHORT, SHORT_NAMES = 36, 60
"""A name for an address that is no longer may be a checksum, or a number to count by: so many are enough."""
STRANGE: Final = 8
"""Different names that no host has, or that are asked for data without a meaning: so many are enough."""
ENOUGH: Final = math.lcm(NAMES, SHORT_NAMES, STRANGE)
BEARING: Final = frozenset({5, 10, 16})
"""CNAME, NULL and TXT: what nobody asks for by ever new names, but for SHOWN."""
SHOWN: Final = "_acme-challenge."
"""How a name begins below which its owner shows what somebody else made up (RFC 8555, section 8.4)."""
KEYS: Final = re.compile(r"(?:^|\.)(?:_domainkey|dkim)\.")
KEY: Final = re.compile(rb".(?:[a-z]=[\w.*-]{0,32} ?; ?){0,4}p=", re.DOTALL)
"""The keys by which mail is signed (RFC 6376, section 3.6.1), many of them below the domain of who sends for others."""
NULL: Final = 10
"""A record of any data, which nothing uses (RFC 1035, section 3.3.10)."""
CHECKSUM: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[a-z2-7]{26}|[a-z2-7]{32}|[a-z2-7]{52}")
"""Digests of MD5, SHA-1 and SHA-2 in hexadecimal digits or Base32, by which block lists are asked about mail."""
HOST: Final = re.compile(r"[a-z0-9_.\-]*")
FILE: Final = re.compile(r"h4siaaaa|1f8b080|504b0304|uesdb[ab]|n3q8ry|jvberi0|tvqqaama|f0vmrg|ivborw0k|255044462d")
"""How gzip, ZIP, 7z, PDF, programs and pictures begin in Base64 or hexadecimal digits: a name that does carries one."""
GZIP: Final = "h4si"
"""The same, shorter: enough where the name has signs that no host's has."""
RUNS: Final = re.compile(r"[.\-_]")
THIS_HOST, BELIEVED = 127, 1_000
"""How such an address begins, and how many names below one domain it explains within SPAN_NS: a mail server that asks
about three files a second."""
REPUTATIONS: Final = frozenset(
    {"ctmail.com", "e5.sk", "mailshell.net", "mcafee.com", "senderbase.org", "sophosxl.com", "sophosxl.net"}
)
"""Domains below which programs against malware and spam ask, in noise of any kind, what others say of a file or a
sender: Cyren, ESET, Mailshell, McAfee GTI, Cisco SenderBase, Sophos Extensible List. As of 2026-11."""
PORT: Final = 53
PATIENT, PATIENT_NS, PATIENT_CARRIED = 50, 24 * 3600 * SECOND_NS, 40
"""Different names within a day, each so long, are a tunnel that takes its time."""
LOOKED_AT: Final = 4_096
CLIENTS: Final = 1_024
KEPT, ROOM = 65_536, 57_344
"""Names of all clients and domains together, and what is left of them when there were too many."""


class _Name(NamedTuple):
    """A name: when it was asked first, in which frame, how much it weighs, and whether it does all day or is text."""

    at_ns: int
    number: int
    weighs: int
    patient: bool = True
    text: bool = False


@dataclass(slots=True)
class _Names:
    """Names asked by one client below one domain; `usual` are the labels of the last one that looked odd."""

    seen: dict[str, _Name] = field(default_factory=dict)
    usual: frozenset[str] = frozenset()
    explained: int = 0
    since_ns: int = 0

    def since(self, at_ns: int) -> list[tuple[str, _Name]]:
        """Those first asked then or later; the others are not looked through."""
        return list(takewhile(lambda one: one[1].at_ns >= at_ns, reversed(self.seen.items())))[::-1]


class DnsNames:
    """Questions by client and domain."""

    def __init__(self) -> None:
        self.room = Room()
        self._below: Table[tuple[int, str], _Names] = self.room.table(8_192)
        self._asked: Table[tuple[int, int], tuple[str, str]] = Table(LOOKED_AT)
        self._reached = Reached(self.room)
        self._bearing: Table[tuple[int, int], bool] = Table(LOOKED_AT)
        """Questions whose answers bear data, by their client and the hash of their name."""
        self._asking: Table[int, bool] = self.room.table(CLIENTS)
        """Clients whose questions are seen: what is answered without one is none of theirs."""
        self._told: Told[tuple[str, int, str]] = Told()
        self._held = 0

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        for client, name in self._reached.take(batch, [one for one in batch.dns if _is_given(one.question)]):
            self._forget(client, name)
        for message in batch.dns:
            asked = message.question
            if not asked.is_answer:
                self._asking.put(message.source, value=True)
                if asked.kind in BEARING:
                    self._bearing.put((message.source, hash(asked.name)), value=True)
            if asked.is_answer and asked.kind in BEARING:
                yield from self._borne(batch, message)
            elif len(asked.name) < CARRIED:
                continue
            elif not asked.is_answer:
                yield from self._tunnel(batch, message.place, asked)
            elif asked.kind in PLAIN and asked.code != NXDOMAIN:
                self._explained(batch, message)

    def _tunnel(self, batch: Batch, at: int, asked: Question) -> Iterator[Anomaly]:
        client, server, now = int(batch.source[at]), int(batch.destination[at]), int(batch.time_ns[at])
        if not is_odd(asked) or asked.domain in REPUTATIONS or (client, hash(asked.name)) in self._reached:
            return
        key = (client, asked.domain)
        names = self._below.get(key) or self._below.put(key, _Names())
        if asked.below in names.seen:
            return
        # What stays the same carries nothing: the key of a customer, the number of a session.
        labels = asked.below.split(".")
        changed = ".".join(label for label in labels if label not in names.usual)
        names.usual = frozenset(labels)
        if carries(changed) < CARRIED:
            return
        self._asked.put((client, hash(asked.name)), (asked.domain, asked.below))
        is_text, patient = reads(changed), len(changed) >= PATIENT_CARRIED and not CHECKSUM.fullmatch(changed)
        one = _Name(now, int(batch.number[at]), weight(asked, changed, is_text=is_text), patient, is_text)
        self._keep(names, asked.below, one)
        yield from self._judged(batch, key, (server, now), names)

    def _keep(self, names: _Names, below: str, one: _Name) -> None:
        if len(names.seen) >= LOOKED_AT:
            names.seen.pop(next(iter(names.seen)))
            self._held -= 1
        names.seen[below] = one
        self._held += 1
        if self._held > KEPT:
            self._make_room()

    def _make_room(self) -> None:
        """Who asked least lately is forgotten; what went with its domain is counted anew."""
        every = self._below.items()
        self._held = sum(len(names.seen) for _, names in every)
        for key, names in every:
            if self._held <= ROOM:
                return
            self._held -= len(names.seen)
            self.room.beyond += len(names.seen)
            self._below.drop(key)

    def _borne(self, batch: Batch, message: Message) -> Iterator[Anomaly]:
        """An answer that may bear data."""
        asked, key = message.question, (message.destination, message.question.domain)
        if message.destination in self._asking and (message.destination, hash(asked.name)) not in self._bearing:
            return
        borne = b"" if asked.domain in REPUTATIONS else told(message.content, asked.kind)
        if not holds_data(borne) or asked.name.startswith(SHOWN) or (KEYS.search(asked.name) and KEY.match(borne)):
            return
        names = self._below.get(key) or self._below.put(key, _Names())
        if asked.below in names.seen:
            return
        self._keep(names, asked.below, _Name(message.at_ns, message.number, ENOUGH // NAMES))
        yield from self._judged(batch, key, (message.source, message.at_ns), names)

    def _judged(self, batch: Batch, key: tuple[int, str], now_at: tuple[int, int], names: _Names) -> Iterator[Anomaly]:
        """What the names below a domain amount to now."""
        (client, domain), (server, now) = key, now_at
        if not self._told.may(("dns_tunnel", *key), now, len(names.seen)):
            return
        lately = names.since(now - SPAN_NS)
        enough = sum(one.weighs for _, one in lately) >= ENOUGH
        if not enough:
            day = names.since(now - PATIENT_NS)
            patient, read = [one for one in day if one[1].patient], [one for one in day if one[1].text]
            its = patient if len(patient) >= PATIENT else read if len(read) >= STRANGE else lately
            enough, lately = its is not lately, its
        if enough and self._told.due(("dns_tunnel", *key), now, len(lately)):
            carried = sum(len(text) for text, _ in lately)
            text = batch.addresses.text
            where_vi, where_en = domain or "(không tên miền)", domain or "(no domain)"
            yield Anomaly(
                name="dns_tunnel",
                severity=Severity.HIGH,
                words=(
                    f"{text(client)} truyền dữ liệu qua DNS: {len(lately)} tên khác nhau dưới {where_vi}",
                    f"{text(client)} seems to send data by DNS: {len(lately)} different names below {where_en}",
                ),
                source_ip=text(client),
                first_ns=min(one.at_ns for _, one in lately),
                last_ns=now,
                targets=[Target(text(server), PORT)],
                counts={"packets": len(lately), "bytes": carried},
                frames=[one.number for _, one in lately],
                about={"dns.question.registered_domain": domain},
            )

    def _explained(self, batch: Batch, message: Message) -> None:
        """A name that is answered by an address of this very host was a question about something else."""
        asked, client = message.question, int(batch.destination[message.place])
        names = self._below.get((client, asked.domain))
        one = names.seen.get(asked.below) if names else None
        if names is None or one is None or one.weighs > ENOUGH // SHORT_NAMES:
            return
        addresses = given(message.content)
        if not addresses or any(address[0] != THIS_HOST for address in addresses):
            return
        if message.at_ns - names.since_ns > SPAN_NS:
            names.explained, names.since_ns = 0, message.at_ns
        names.explained += 1
        if names.explained <= BELIEVED:
            del names.seen[asked.below]

    def _forget(self, client: int, name: int) -> None:
        """A name is a host's."""
        domain, below = self._asked.get((client, name)) or ("", "")
        names = self._below.get((client, domain))
        if names is not None:
            names.seen.pop(below, None)


def _is_given(asked: Question) -> bool:
    """Whether an answer may give a name that looks odd the address of a host."""
    return asked.is_answer and len(asked.name) >= CARRIED and asked.code == 0 and asked.kind in PLAIN and is_odd(asked)


def is_odd(asked: Question) -> bool:
    """Whether a name may carry data."""
    return len(asked.below) >= CARRIED and carries(asked.below) >= CARRIED and not asked.name.endswith(BACKWARDS)


def carries(below: str) -> int:
    """How many characters of a name may be data: those of labels that no host has, and of runs that look like noise."""
    if not HOST.fullmatch(below):
        return sum(len(label) for label in below.split(".") if not HOST.fullmatch(label))
    return sum(len(run) for run in RUNS.split(below) if looks_made_up(run) or is_noise(run))


def weight(asked: Question, changed: str, *, is_text: bool) -> int:
    """How much a name counts by what changed in it: one that begins as a file does is enough by itself."""
    strange = not HOST.fullmatch(changed)
    if FILE.match(asked.below) or (strange and asked.below.startswith(GZIP)):
        return ENOUGH
    if asked.kind == NULL or strange or is_text:
        return ENOUGH // STRANGE
    is_short = len(changed) <= SHORT or CHECKSUM.fullmatch(changed)
    return ENOUGH // (SHORT_NAMES if is_short and asked.kind in PLAIN else NAMES)
