# SPDX-License-Identifier: Apache-2.0
"""Names that carry data (ATT&CK T1071.004, T1048), names that a program made up (T1568.002), and storms of them.

A tunnel writes its data before one registered domain: every name is new, long, and looks like noise. A program that
makes domains up asks for many that do not exist. People and programs at work repeat the names they need. Names of
clouds are long, but made of words and numbers; what programs against malware ask is noise, but short, and the answer is
an address of this very host (RFC 5782).
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import Batch, Message
from giamsat_agent.packets.detector import SECOND_NS, Lately, Table, Told
from giamsat_agent.packets.names import NXDOMAIN, SECOND_LEVEL, Question, given

SPAN_NS: Final = 300 * SECOND_NS
NAMES: Final = 20
"""Different names below one domain within SPAN_NS, each at least CARRIED characters long before it."""
CARRIED: Final = 24
SHORT, SHORT_NAMES = 36, 60
"""A name for an address that is no longer may be a checksum, or a number to count by: so many are enough."""
STRANGE: Final = 8
"""Different names that no host has, or that are asked for data without a meaning: so many are enough."""
ENOUGH: Final = math.lcm(NAMES, SHORT_NAMES, STRANGE)
PLAIN: Final = frozenset({1, 28, 64, 65})
"""A, AAAA, SVCB and HTTPS: what all programs ask for."""
NULL: Final = 10
"""A record of any data, which nothing uses (RFC 1035, section 3.3.10)."""
HOST: Final = re.compile(r"[a-z0-9_.\-]*")
FILE: Final = re.compile(r"h4siaaaa|1f8b080|504b0304|uesdb[ab]|n3q8ry|jvberi0|tvqqaama|f0vmrg|ivborw0k|255044462d")
"""How gzip, ZIP, 7z, PDF, programs and pictures begin in Base64 or hexadecimal digits: a name that does carries one."""
GZIP: Final = "h4si"
"""The same, shorter: enough where the name has signs that no host's has."""
RUNS: Final = re.compile(r"[.\-_]")
RUN, RUN_VOWELS, RUN_DIGITS = 20, 1 / 3, 3
"""Letters and digits without a break that are noise with fewer vowels than words have, or with so many digits."""
THIS_HOST, ABOUT = 127, 72
"""How such an address begins, and the characters of the longest checksum that is asked about, with what is around."""
MADE_UP: Final = 10
MADE_UP_NOISE: Final = 2.8
MADE_UP_LENGTH: Final = 8
STORM: Final = 100
STORM_NS: Final = 60 * SECOND_NS
PORT: Final = 53
PATIENT, PATIENT_NS, PATIENT_CARRIED = 50, 24 * 3600 * SECOND_NS, 40
"""Different names within a day, each so long, are a tunnel that takes its time."""
BACKWARDS: Final = "arpa"
"""Names made of addresses are long and different by themselves (RFC 1035, section 3.5; RFC 3596)."""
LISTED: Final = re.compile(r"(\d{1,3}\.){4}|([0-9a-f]\.){32}")
"""So begins what a mail server asks a block list; that a sender is not listed is the rule (RFC 5782)."""
ENDS: Final = SECOND_LEVEL | {"local", "lan"}
"""How a name ends to which a client added its own domain, in search of it (RFC 1535); or in a country's two letters."""
LOOKED_AT: Final = 4_096
CLIENTS: Final = 256
"""Clients whose missing names are kept: with what is kept of each, 20 MB at most, whoever asks for whatever."""


@dataclass(slots=True)
class _Names:
    """Names asked by one client below one domain: when, in which frame, and how much each weighs."""

    seen: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def since(self, at_ns: int) -> list[tuple[str, tuple[int, int, int]]]:
        """Those first asked then or later; the others are not looked through."""
        return list(takewhile(lambda one: one[1][0] >= at_ns, reversed(self.seen.items())))[::-1]


@dataclass(slots=True)
class _Missing:
    """Domains that did not exist and look made up, and all names of the last minute: their hashes, which are keyed."""

    invented: Lately[int] = field(default_factory=lambda: Lately(8 * MADE_UP, SPAN_NS))
    storm: Lately[int] = field(default_factory=lambda: Lately(2 * STORM, STORM_NS))


class DnsNames:
    """Questions by client and domain, and what did not exist by client."""

    def __init__(self) -> None:
        self._below: Table[tuple[int, str], _Names] = Table(8_192)
        self._missing: Table[int, _Missing] = Table(CLIENTS)
        self._told: Told[tuple[str, int, str]] = Told()

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return self._below.evicted + self._missing.evicted

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        for message in batch.dns:
            asked = message.question
            if asked.is_answer and asked.code == NXDOMAIN:
                yield from self._made_up(batch, message.place, asked)
            elif len(asked.name) < CARRIED:
                continue
            elif not asked.is_answer:
                yield from self._tunnel(batch, message.place, asked)
            elif asked.kind in PLAIN:
                self._explained(batch, message)

    def _tunnel(self, batch: Batch, at: int, asked: Question) -> Iterator[Anomaly]:
        if len(asked.below) < CARRIED or carries(asked.below) < CARRIED or asked.name.endswith(BACKWARDS):
            return
        client, server, now = int(batch.source[at]), int(batch.destination[at]), int(batch.time_ns[at])
        key = (client, asked.domain)
        names = self._below.get(key) or self._below.put(key, _Names())
        if asked.below in names.seen:
            return
        if len(names.seen) >= LOOKED_AT:
            names.seen.pop(next(iter(names.seen)))
        names.seen[asked.below] = (now, int(batch.number[at]), weight(asked))
        if not self._told.may(("dns_tunnel", *key), now, len(names.seen)):
            return
        lately = names.since(now - SPAN_NS)
        enough = sum(weighs for _, (_, _, weighs) in lately) >= ENOUGH
        if not enough:
            patient = [one for one in names.since(now - PATIENT_NS) if len(one[0]) >= PATIENT_CARRIED]
            enough, lately = (True, patient) if len(patient) >= PATIENT else (False, lately)
        if enough and self._told.due(("dns_tunnel", *key), now, len(lately)):
            carried = sum(len(text) for text, _ in lately)
            text = batch.addresses.text
            where_vi, where_en = asked.domain or "(không tên miền)", asked.domain or "(no domain)"
            yield Anomaly(
                name="dns_tunnel",
                severity=Severity.HIGH,
                words=(
                    f"{text(client)} truyền dữ liệu qua DNS: {len(lately)} tên dài khác nhau dưới {where_vi}",
                    f"{text(client)} seems to send data by DNS: {len(lately)} different long names below {where_en}",
                ),
                source_ip=text(client),
                first_ns=min(when[0] for _, when in lately),
                last_ns=now,
                targets=[Target(text(server), PORT)],
                counts={"packets": len(lately), "bytes": carried},
                frames=[when[1] for _, when in lately[:20]],
            )

    def _explained(self, batch: Batch, message: Message) -> None:
        """A name that is answered by an address of this very host was a question about something else."""
        asked, client = message.question, int(batch.destination[message.place])
        names = self._below.get((client, asked.domain))
        if names is not None and asked.below in names.seen and len(asked.below) <= ABOUT:
            addresses = given(message.content)
            if addresses and all(address[0] == THIS_HOST for address in addresses):
                del names.seen[asked.below]

    def _made_up(self, batch: Batch, at: int, asked: Question) -> Iterator[Anomaly]:
        if is_searched(asked):
            return
        client, server, now = int(batch.destination[at]), int(batch.source[at]), int(batch.time_ns[at])
        missing = self._missing.get(client) or self._missing.put(client, _Missing())
        # A name of one label is a browser's, which tries whether this network answers for whatever is asked.
        made_up = "." in asked.domain and looks_made_up(asked.domain.split(".")[0])
        if made_up:
            missing.invented.add(now, hash(asked.domain), int(batch.number[at]))
        missing.storm.add(now, hash(asked.name), int(batch.number[at]))
        invented, storm = missing.invented.different if made_up else 0, missing.storm.different
        text = batch.addresses.text
        if invented >= MADE_UP and self._told.due(("dns_dga", client, ""), now, invented):
            name, words = (
                "dns_dga",
                (
                    f"{text(client)} hỏi {invented} tên miền không tồn tại, trông như do máy sinh ra",
                    f"{text(client)} asked for {invented} domains that do not exist and look made up by a program",
                ),
            )
            count, its = invented, missing.invented
        elif storm >= STORM and self._told.due(("nxdomain_storm", client, ""), now, storm):
            name, words = (
                "nxdomain_storm",
                (
                    f"{text(client)} hỏi {storm} tên không tồn tại trong một phút",
                    f"{text(client)} asked for {storm} names that do not exist within a minute",
                ),
            )
            count, its = storm, missing.storm
        else:
            return
        yield Anomaly(
            name=name,
            severity=Severity.MEDIUM,
            words=words,
            source_ip=text(client),
            first_ns=its.seen[0][0],
            last_ns=now,
            targets=[Target(text(server), PORT)],
            counts={"packets": len(its.seen), "names": count},
            frames=[number for _, _, number in list(its.seen)[:20]],
        )


def is_searched(asked: Question) -> bool:
    """Whether it is no wonder that there is no such name: an address, or another name with a search domain added."""
    if asked.name.endswith(BACKWARDS) or LISTED.match(asked.name):
        return True
    head, _, end = asked.below.rpartition(".")
    return bool(head) and (end in ENDS or (len(end) == 2 and end.isalpha()))  # noqa: PLR2004 - a country


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
    if asked.kind == NULL or strange:
        return ENOUGH // STRANGE
    return ENOUGH // (SHORT_NAMES if len(asked.below) <= SHORT and asked.kind in PLAIN else NAMES)


def is_noise(run: str) -> bool:
    """Whether letters and digits without a break are too many to be words: with few vowels, or digits among them."""
    vowels, digits = sum(letter in "aeiouy" for letter in run), sum(letter.isdigit() for letter in run)
    return len(run) >= RUN and (vowels < RUN_VOWELS * len(run) or RUN_DIGITS <= digits < len(run))


def noise(text: str) -> float:
    """Shannon's entropy in bits for each character."""
    counts, length = Counter(text.replace(".", "")), len(text.replace(".", ""))
    return -sum(count / length * math.log2(count / length) for count in counts.values()) if length else 0.0


def looks_made_up(label: str) -> bool:
    """Whether a label is long, noisy, and has fewer vowels than words do, or digits among its letters."""
    letters = [letter for letter in label if letter.isalpha()]
    if len(label) < MADE_UP_LENGTH or noise(label) < MADE_UP_NOISE or not letters:
        return False
    vowels = sum(letter in "aeiouy" for letter in letters) / len(letters)
    digits = len(label) - len(letters)
    return vowels < 0.25 or (digits >= 2 and vowels < 0.4)  # noqa: PLR2004 - English and Vietnamese words: 0.38 to 0.45
