# SPDX-License-Identifier: Apache-2.0
"""Which log sources, in Sigma's words, an event may come from. What an event does not say excludes nothing.

The pairs follow the Sigma taxonomy appendix, the ECS categorization fields and the event ids of Sysmon's manifest.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from giamsat_rules.rule import Fields, LogSource
from giamsat_wire.record import FieldValue

CATEGORY: Final = "event.category"
ECS_CATEGORIES: Final = (
    *("api", "authentication", "configuration", "database", "driver", "email", "file", "host", "iam"),
    *("intrusion_detection", "library", "malware", "network", "package", "process", "registry", "session"),
    *("threat", "vulnerability", "web"),
)
"""The values ECS allows in event.category."""
CATEGORIES: Final[Mapping[str, frozenset[str]]] = {
    **{name: frozenset({name}) for name in ECS_CATEGORIES},
    "antivirus": frozenset({"malware", "intrusion_detection"}),
    "application": frozenset({"host", "process", "web", "database", "authentication", "api"}),
    "dns": frozenset({"network"}),
    "dns_query": frozenset({"network"}),
    "driver_load": frozenset({"driver"}),
    "file_access": frozenset({"file"}),
    "file_change": frozenset({"file"}),
    "file_delete": frozenset({"file"}),
    "file_event": frozenset({"file"}),
    "file_rename": frozenset({"file"}),
    "firewall": frozenset({"network", "intrusion_detection"}),
    "image_load": frozenset({"library", "driver"}),
    "network_connection": frozenset({"network"}),
    "process_access": frozenset({"process"}),
    "process_creation": frozenset({"process"}),
    "process_termination": frozenset({"process"}),
    "proxy": frozenset({"web", "network"}),
    "registry_add": frozenset({"registry"}),
    "registry_delete": frozenset({"registry"}),
    "registry_event": frozenset({"registry"}),
    "registry_rename": frozenset({"registry"}),
    "registry_set": frozenset({"registry"}),
    "webserver": frozenset({"web"}),
}
"""Values of event.category under which events of a Sigma category are found."""

SYSMON: Final[Mapping[str, frozenset[int]]] = {
    "clipboard_capture": frozenset({24}),
    "create_remote_thread": frozenset({8}),
    "create_stream_hash": frozenset({15}),
    "dns_query": frozenset({22}),
    "driver_load": frozenset({6}),
    "file_block_executable": frozenset({27}),
    "file_block_shredding": frozenset({28}),
    "file_change": frozenset({2}),
    "file_delete": frozenset({23, 26}),
    "file_event": frozenset({11}),
    "file_executable_detected": frozenset({29}),
    "image_load": frozenset({7}),
    "network_connection": frozenset({3}),
    "pipe_created": frozenset({17, 18}),
    "process_access": frozenset({10}),
    "process_creation": frozenset({1}),
    "process_tampering": frozenset({25}),
    "process_termination": frozenset({5}),
    "raw_access_thread": frozenset({9}),
    "registry_add": frozenset({12}),
    "registry_delete": frozenset({12}),
    "registry_event": frozenset({12, 13, 14}),
    "registry_rename": frozenset({14}),
    "registry_set": frozenset({13}),
    "sysmon_error": frozenset({255}),
    "sysmon_status": frozenset({4, 16}),
    "wmi_event": frozenset({19, 20, 21}),
}
"""Event ids of Sysmon by Sigma category."""
SYSMON_CHANNEL: Final = "microsoft-windows-sysmon/operational"

_CATEGORIES: Final = frozenset[str]().union(*CATEGORIES.values())
_NUMBERS: Final = frozenset[int]().union(*SYSMON.values())
_OTHER: Final = frozenset({""})

SYSTEMS: Final = frozenset({"linux", "windows", "macos"})
"""Products that are operating systems: an event of one is none of another."""
UNIX: Final = SYSTEMS - {"windows"}
WINDOWS: Final = SYSTEMS - UNIX
JOURNAL: Final = "journald"
"""The provider of events out of systemd's journal."""
SPEAKERS: Final = ("process.name", "service.name", "event.provider", "event.dataset", "observer.product")
"""Fields that say which program an event comes from."""
MAKERS: Final = ("process.name", "service.name", "event.dataset", "observer.product", "observer.vendor")
"""Fields that say which product that is no operating system an event comes from."""
SAID: Final = (*SPEAKERS, MAKERS[-1])
"""All of those."""
EVERYWHERE: Final = SYSTEMS | {None, "giamsat"}
"""Products that are looked for in what others make: operating systems, and what the collector adds to any event."""
ANYBODYS: Final = "application"
"""The category of what programs write whatever they are called: its products are languages and frameworks."""
FILES: Final = frozenset({"auth", "syslog"})
"""Services of Linux that are no programs but files which many write to."""
PROGRAM: Final = "process.executable"
"""The field whose path shows an operating system, by its first three characters."""
ORIGIN: Final = (
    *(CATEGORY, "host.os.type", "Channel", "winlog.channel", "EventID", "winlog.event_id"),
    *SAID,
)
"""All other fields that say where an event comes from."""
ORIGINS: Final = 4_096
"""Different origins of events that are remembered."""
LONGEST: Final = 128
"""Characters of a value that may be remembered."""
SEVERAL: Final = 8
"""Values of one field that may be."""


class Source(NamedTuple):
    """What an event says of where it comes from."""

    categories: frozenset[str]
    systems: frozenset[str]
    sysmon: int | None
    speakers: frozenset[str]
    makers: frozenset[str]

    def admits(self, source: LogSource) -> bool:
        """Whether the event may come from the log source."""
        product, category = source.product, source.category
        if product in SYSTEMS and product not in self.systems:
            return False
        if category is not None and not self._is_of(category):
            return False
        if product not in EVERYWHERE and category != ANYBODYS and not self._is_made_by(product or ""):
            return False
        if source.service is None or product not in {None, "linux"}:
            return True
        return source.service in FILES or not self.speakers or source.service in self.speakers

    def among(self, services: frozenset[str], products: frozenset[str]) -> "Source":
        """As far as log sources of these, and of the categories that are known, can tell it from others."""
        made = frozenset(filter("\n".join(self.makers).__contains__, map(_plain, products)))
        return Source(
            categories=_told_apart(self.categories, _CATEGORIES),
            systems=self.systems,
            sysmon=self.sysmon if self.sysmon is None or self.sysmon in _NUMBERS else 0,
            speakers=_told_apart(self.speakers, services),
            makers=(made or _OTHER) if self.makers else self.makers,
        )

    def _is_made_by(self, product: str) -> bool:
        """Whether the product may be where it comes from; names of makers hold those of products, in parts or whole."""
        return not self.makers or any(_plain(product) in maker for maker in self.makers)

    def _is_of(self, category: str) -> bool:
        if self.sysmon is not None and category in SYSMON:
            return self.sysmon in SYSMON[category]
        wanted = CATEGORIES.get(category)
        return wanted is None or not self.categories or not wanted.isdisjoint(self.categories)


def _told_apart(said: frozenset[str], known: frozenset[str]) -> frozenset[str]:
    """Those that are known; all others are one."""
    return said if said <= known else said & known | _OTHER


def brief(values: Iterable[FieldValue | None]) -> bool:
    """Whether values are short enough to be remembered: hosts send what they like, and memory is bounded."""
    for value in values:
        if isinstance(value, str):
            if len(value) > LONGEST:
                return False
        elif isinstance(value, tuple) and (len(value) > SEVERAL or len("".join(value)) > LONGEST):
            return False
    return True


def source_of(fields: Fields) -> Source:
    """Where an event says it comes from."""
    get = fields.get
    program = get(PROGRAM)
    start = program[:3] if isinstance(program, str) else None
    channel, number = get("Channel", get("winlog.channel")), get("EventID", get("winlog.event_id"))
    said = (get(CATEGORY), get("host.os.type"), start, channel, number, *map(get, SAID))
    return _source(*said) if brief(said) else _source.__wrapped__(*said)


@lru_cache(maxsize=ORIGINS, typed=True)
def _source(
    category: FieldValue | None,
    system: FieldValue | None,
    start: str | None,
    channel: FieldValue | None,
    number: FieldValue | None,
    *speakers: FieldValue | None,
) -> Source:
    """The same by what it takes: most events come from few origins. `start` is how the program's path begins."""
    said = {field: str(speaker) for field, speaker in zip(SAID, speakers, strict=True) if speaker is not None}
    return Source(
        categories=frozenset(_several(category)),
        systems=_systems(system, start, said.get("event.provider")),
        sysmon=_sysmon(channel, number),
        speakers=frozenset(name for field in said if field in SPEAKERS for name in _spoken(said[field])),
        makers=frozenset(_plain(said[field]) for field in said if field in MAKERS),
    )


def _systems(said: FieldValue | None, start: str | None, provider: FieldValue | None) -> frozenset[str]:
    """The operating systems the event may come from: as it says, or else as its program's path is written."""
    if isinstance(said, str) and said.lower() in SYSTEMS:
        return frozenset({said.lower()})
    if start is not None and start.startswith("/"):
        return UNIX
    if start is not None and start[1:] == ":\\":
        return WINDOWS
    return UNIX if provider == JOURNAL else SYSTEMS


def _sysmon(channel: FieldValue | None, number: FieldValue | None) -> int | None:
    if not isinstance(channel, str) or channel.lower() != SYSMON_CHANNEL:
        return None
    text = str(number)
    return int(text) if text.isdecimal() and len(text) < len("12345") else None


def _spoken(speaker: str) -> tuple[str, str]:
    """A program's name as services are named, and that of the server whose part it is (sshd-session, postfix/smtpd)."""
    name = speaker.lower()
    return name, name.partition("/")[0].partition("-")[0]


def _plain(name: str) -> str:
    """A name without what people write differently in it."""
    lowered = name.lower()
    return lowered if lowered.isalnum() else "".join(filter(str.isalnum, lowered))


def _several(value: FieldValue | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (str(value),)
