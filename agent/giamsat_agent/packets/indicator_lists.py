# SPDX-License-Identifier: Apache-2.0
"""Lists that people keep in files: an address, a domain or a JA4 fingerprint on each line; '#' begins a comment.

A domain stands for the names below it, too. What is not one of the three is refused with its line.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from giamsat_agent.packets.errors import ListError

FILE_BYTES: Final = 4 << 20
ENTRIES: Final = 65_536
_DOMAIN: Final = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
_JA4: Final = re.compile(r"[tqd][a-z0-9]{9}_[0-9a-f]{12}_[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Listed:
    """What stands in one or several lists; addresses as they are packed, names in small letters."""

    addresses: frozenset[bytes] = frozenset()
    domains: frozenset[str] = frozenset()
    fingerprints: frozenset[str] = frozenset()

    def domain(self, name: str) -> str:
        """The domain that a name is, or is below; empty when none is listed."""
        while name and name not in self.domains:
            name = name.partition(".")[2]
        return name


class Lists:
    """Lists in files that are read again when they change. `problem` says why one could not be, empty when all were."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._known: tuple[tuple[int, int], ...] = ()
        self.listed = Listed()
        self.problem = ""

    def changed(self) -> bool:
        """Whether `listed` is another one now; what cannot be read leaves it as it was."""
        now = tuple(map(_state, self._paths))
        if now == self._known:
            return False
        self._known = now
        try:
            self.listed, self.problem = read(self._paths), ""
        except ListError as error:
            self.problem = str(error)
            return False
        return True


def _state(path: Path) -> tuple[int, int]:
    try:
        said = path.stat()
    except OSError:
        return 0, -1
    return said.st_mtime_ns, said.st_size


def read(paths: Iterable[Path]) -> Listed:
    """All lists together.

    Raises:
        ListError: one cannot be read, is too long, or has a line that is none of the three.
    """
    texts = []
    for path in paths:
        try:
            with path.open("rb") as file:
                raw = file.read(FILE_BYTES + 1)
        except OSError as error:
            raise ListError(f"{path}: cannot be read: {error.strerror}; the capture process must be able to") from error
        if len(raw) > FILE_BYTES:
            raise ListError(f"{path}: longer than {FILE_BYTES} bytes; leave out what is old")
        texts.append((str(path), raw.decode("utf-8", "replace")))
    return parsed(texts)


def parsed(texts: Iterable[tuple[str, str]]) -> Listed:
    """The lists of several texts, each with the name its faults are told under.

    Raises:
        ListError: a line is none of the three, or there are too many.
    """
    addresses: set[bytes] = set()
    domains: set[str] = set()
    fingerprints: set[str] = set()
    for name, text in texts:
        for number, line in enumerate(text.splitlines(), 1):
            entry = line.partition("#")[0].strip().lower().rstrip(".")
            if not entry:
                continue
            if _JA4.fullmatch(entry):
                fingerprints.add(entry)
            elif (address := _address(entry)) is not None:
                addresses.add(address)
            elif _DOMAIN.fullmatch(entry):
                domains.add(entry)
            else:
                raise ListError(f"{name}:{number}: {entry[:80]!r} is no address, no domain and no JA4; mend the line")
            if len(addresses) + len(domains) + len(fingerprints) > ENTRIES:
                raise ListError(f"{name}:{number}: more than {ENTRIES} entries; leave out what is old")
    return Listed(frozenset(addresses), frozenset(domains), frozenset(fingerprints))


def _address(entry: str) -> bytes | None:
    try:
        return ipaddress.ip_address(entry).packed
    except ValueError:
        return None
