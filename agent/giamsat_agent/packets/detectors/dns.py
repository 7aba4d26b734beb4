# SPDX-License-Identifier: Apache-2.0
"""Names that carry data (ATT&CK T1071.004, T1048).

A tunnel writes its data before one registered domain: every name is new, long, and looks like noise. People and
programs at work repeat the names they need, and call the hosts they asked for. Names of clouds are long, but made of
words and numbers; what programs against malware ask is noise, but short, and the answer is an address of this very host
(RFC 5782). Data that comes the other way is in the answers to ever new names, and in no address.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import Batch, Message
from giamsat_agent.packets.coded import holds_data, reads
from giamsat_agent.packets.detector import SECOND_NS, Table, Told
from giamsat_agent.packets.names import BACKWARDS, NXDOMAIN, PLAIN, Question, given, told
from giamsat_agent.packets.noise import is_noise, looks_made_up
from giamsat_agent.packets.reached import Reached

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
HOST: Final = re.compile(r"[a-z0-9_.\-]*")
FILE: Final = re.compile(r"h4siaaaa|1f8b080|504b0304|uesdb[ab]|n3q8ry|jvberi0|tvqqaama|f0vmrg|ivborw0k|255044462d")
"""How gzip, ZIP, 7z, PDF, programs and pictures begin in Base64 or hexadecimal digits: a name that does carries one."""
GZIP: Final = "h4si"
"""The same, shorter: enough where the name has signs that no host's has."""
RUNS: Final = re.compile(r"[.\-_]")
THIS_HOST, ABOUT = 127, 72
"""How such an address begins, and the characters of the longest checksum that is asked about, with what is around."""
PORT: Final = 53
PATIENT, PATIENT_NS, PATIENT_CARRIED = 50, 24 * 3600 * SECOND_NS, 40
"""Different names within a day, each so long, are a tunnel that takes its time."""
LOOKED_AT: Final = 4_096


@dataclass(slots=True)
class _Names:
    """Names asked by one client below one domain: when, in which frame, and how much each weighs."""

    seen: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def since(self, at_ns: int) -> list[tuple[str, tuple[int, int, int]]]:
        """Those first asked then or later; the others are not looked through."""
        return list(takewhile(lambda one: one[1][0] >= at_ns, reversed(self.seen.items())))[::-1]


class DnsNames:
    """Questions by client and domain."""

    def __init__(self) -> None:
        self._below: Table[tuple[int, str], _Names] = Table(8_192)
        self._asked: Table[tuple[int, int], tuple[str, str]] = Table(LOOKED_AT)
        self._reached = Reached()
        self._told: Told[tuple[str, int, str]] = Told()

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return self._below.evicted + self._reached.evicted

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        for client, name in self._reached.take(batch, [one for one in batch.dns if _is_given(one.question)]):
            self._forget(client, name)
        for message in batch.dns:
            asked = message.question
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
        if not is_odd(asked) or (client, hash(asked.name)) in self._reached:
            return
        key = (client, asked.domain)
        names = self._below.get(key) or self._below.put(key, _Names())
        if asked.below in names.seen:
            return
        self._asked.put((client, hash(asked.name)), (asked.domain, asked.below))
        if len(names.seen) >= LOOKED_AT:
            names.seen.pop(next(iter(names.seen)))
        names.seen[asked.below] = (now, int(batch.number[at]), weight(asked))
        yield from self._judged(batch, key, (server, now), names)

    def _borne(self, batch: Batch, message: Message) -> Iterator[Anomaly]:
        """An answer that may bear data."""
        asked, key = message.question, (message.destination, message.question.domain)
        borne = told(message.content, asked.kind)
        if not holds_data(borne) or asked.name.startswith(SHOWN) or (KEYS.search(asked.name) and KEY.match(borne)):
            return
        names = self._below.get(key) or self._below.put(key, _Names())
        if asked.below in names.seen:
            return
        if len(names.seen) >= LOOKED_AT:
            names.seen.pop(next(iter(names.seen)))
        names.seen[asked.below] = (message.at_ns, message.number, ENOUGH // NAMES)
        yield from self._judged(batch, key, (message.source, message.at_ns), names)

    def _judged(self, batch: Batch, key: tuple[int, str], now_at: tuple[int, int], names: _Names) -> Iterator[Anomaly]:
        """What the names below a domain amount to now."""
        (client, domain), (server, now) = key, now_at
        if not self._told.may(("dns_tunnel", *key), now, len(names.seen)):
            return
        lately = names.since(now - SPAN_NS)
        enough = sum(weighs for _, (_, _, weighs) in lately) >= ENOUGH
        if not enough:
            # Names that are shorter than CARRIED are there for what they were answered with.
            long = range(CARRIED, PATIENT_CARRIED)
            patient = [one for one in names.since(now - PATIENT_NS) if len(one[0]) not in long]
            read = [one for one in names.since(now - PATIENT_NS) if one[1][2] >= ENOUGH // STRANGE and reads(one[0])]
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
                first_ns=min(when[0] for _, when in lately),
                last_ns=now,
                targets=[Target(text(server), PORT)],
                counts={"packets": len(lately), "bytes": carried},
                frames=[when[1] for _, when in lately[:20]],
                about={"dns.question.registered_domain": domain},
            )

    def _explained(self, batch: Batch, message: Message) -> None:
        """A name that is answered by an address of this very host was a question about something else."""
        asked, client = message.question, int(batch.destination[message.place])
        names = self._below.get((client, asked.domain))
        if names is not None and asked.below in names.seen and len(asked.below) <= ABOUT:
            addresses = given(message.content)
            if addresses and all(address[0] == THIS_HOST for address in addresses):
                del names.seen[asked.below]

    def _forget(self, client: int, name: int) -> None:
        """A name is a host's."""
        domain, below = self._asked.get((client, name)) or ("", "")
        names = self._below.get((client, domain))
        if names is not None:
            names.seen.pop(below, None)


def _is_given(asked: Question) -> bool:
    """Whether an answer may give a name that looks odd the address of a host."""
    return asked.is_answer and asked.code == 0 and asked.kind in PLAIN and is_odd(asked)


def is_odd(asked: Question) -> bool:
    """Whether a name may carry data."""
    return len(asked.below) >= CARRIED and carries(asked.below) >= CARRIED and not asked.name.endswith(BACKWARDS)


def carries(below: str) -> int:
    """How many characters of a name may be data: those of labels that no host has, and of runs that look like noise."""
    if not HOST.fullmatch(below):
        return sum(len(label) for label in below.split(".") if not HOST.fullmatch(label))
    return sum(len(run) for run in RUNS.split(below) if looks_made_up(run) or is_noise(run))


def weight(asked: Question) -> int:
    """How much a name counts: one that begins as a file does is enough by itself."""
    strange = not HOST.fullmatch(asked.below)
    if FILE.match(asked.below) or (strange and asked.below.startswith(GZIP)):
        return ENOUGH
    if asked.kind == NULL or strange or reads(asked.below):
        return ENOUGH // STRANGE
    return ENOUGH // (SHORT_NAMES if len(asked.below) <= SHORT and asked.kind in PLAIN else NAMES)
