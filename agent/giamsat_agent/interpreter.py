# SPDX-License-Identifier: Apache-2.0
"""From entries of a log to events: who understands which entry, whether it is what it claims to be, and how often."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from msgspec import structs

from giamsat_agent import ecs
from giamsat_agent.log import Entry
from giamsat_agent.message import Meaning, Parser
from giamsat_agent.messages import accounts, pam, sshd, su, sudo, systemd
from giamsat_wire.record import Event, FieldValue

REPEATS_MOST: Final = 1_000
"""Events that one "message repeated" line may stand for; a local user can write any number into a log."""
NAME_CHARACTERS: Final = 256
"""The longest text of a field but for those that quote the line; longer ones are cut."""
_REPEATED: Final = "message repeated "
_LONG: Final = frozenset({"process.command_line", "process.executable", "event.reason"})
_ROOTS: Final = frozenset((*sshd.PROGRAMS, *systemd.PROGRAMS, "useradd", "userdel", "usermod", "groupadd", "groupdel"))
"""Programs whose messages root alone writes; the others' are written with the rights of whoever called them."""
_KERNEL: Final = frozenset({"kernel", "audit"})
"""Names under which the kernel speaks and no program; the journal calls the way they came by the same name."""
_ID_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Understood:
    """Whose messages are understood: programs by name, and the PAM modules in any program."""

    by_program: Mapping[str, Parser]
    pam: Parser | None = None

    def also(self, by_program: Mapping[str, Parser]) -> "Understood":
        """These and further programs."""
        return replace(self, by_program={**self.by_program, **by_program})


class Interpreter:
    """Turns entries of one source into events."""

    def __init__(self, understood: Understood, *, provider: str, path: str = "") -> None:
        self._understood = understood
        self._origin: dict[str, FieldValue] = {"event.provider": provider}
        if path:
            self._origin["log.file.path"] = path

    def events(self, entry: Entry, *, mono_ns: int) -> Iterator[Event]:
        """What the entry says happened; an rsyslog line `message repeated N times: [ … ]` gives N events."""
        times, entry = unrepeated(entry)
        number = 0
        for _ in range(times):
            for meaning in self._meanings(entry):
                yield self._event(meaning, entry, number=number, mono_ns=mono_ns)
                number += 1

    def _meanings(self, entry: Entry) -> Iterable[Meaning]:
        understood = self._understood
        modules = entry.text.startswith("pam_")
        parser = understood.pam if modules else understood.by_program.get(entry.program)
        return parser.parse(entry) if parser is not None and is_credible(entry) else ()

    def _event(self, meaning: Meaning, entry: Entry, *, number: int, mono_ns: int) -> Event:
        fields: dict[str, FieldValue] = {
            **self._origin,
            "event.id": identity(entry.key, number),
            "event.original": entry.raw,
            "message": entry.text,
            "process.name": entry.program,
        }
        if entry.pid is not None:
            fields["process.pid"] = entry.pid
        if entry.host:
            fields["host.name"] = entry.host
        for name, value in meaning.fields.items():
            fields[name] = value[:NAME_CHARACTERS] if isinstance(value, str) and name not in _LONG else value
        return ecs.event(meaning.kind, wall_ns=entry.wall_ns, mono_ns=mono_ns, fields=fields)


def identity(key: bytes, number: int) -> str:
    """The event.id of the event with this number out of the entry with this key: the same whenever it is read."""
    return hashlib.sha256(key + b":%d" % number).hexdigest()[:_ID_DIGITS]


def unrepeated(entry: Entry) -> tuple[int, Entry]:
    """How often the entry's message was written, at most REPEATS_MOST, and the entry with that message."""
    text = entry.text
    if not text.startswith(_REPEATED):
        return 1, entry
    number, found, inner = text.removeprefix(_REPEATED).partition(" times: [ ")
    if not found or not inner.endswith("]") or not (number.isascii() and number.isdecimal()):
        return 1, entry
    inner = inner.removesuffix("]").rstrip()
    # Numbers of more digits than the bound has are above it; int() is not asked to read them.
    times = int(number) if len(number) <= len(str(REPEATS_MOST)) else REPEATS_MOST
    return min(times, REPEATS_MOST), structs.replace(entry, text=inner)


def is_credible(entry: Entry) -> bool:
    """Whether the log vouches that the program is who it says; a log that vouches for nothing is believed.

    Any local user can write to syslog under any program's name. journald adds who it really was: the user, and of
    programs that run with more rights than their caller's, the executable.
    """
    if entry.program in _KERNEL and entry.attested:
        return entry.attested.get("_TRANSPORT") == entry.program
    user = entry.attested.get("_UID", "0")
    if user == "0":
        return True
    if entry.program in _ROOTS:
        return False
    executable = entry.attested.get("_EXE", "").rpartition("/")[2]
    return not executable or executable in {entry.program, "busybox"} or entry.program == f"{executable}-l"


def authentication() -> Understood:
    """What stands in a syslog daemon's auth file."""
    programs: dict[str, Parser] = {
        **dict.fromkeys(accounts.PROGRAMS, accounts.Accounts()),
        **dict.fromkeys(sshd.PROGRAMS, sshd.Sshd()),
        **dict.fromkeys(su.PROGRAMS, su.Su()),
        **dict.fromkeys(sudo.PROGRAMS, sudo.Sudo()),
    }
    return Understood(programs, pam.Pam())


def services() -> Understood:
    """What stands in a syslog daemon's general file, and in no other."""
    return Understood(dict.fromkeys(systemd.PROGRAMS, systemd.Systemd()))


def everything() -> Understood:
    """What programs write into the journal."""
    return authentication().also(services().by_program)
