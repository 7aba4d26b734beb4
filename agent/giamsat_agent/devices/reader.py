# SPDX-License-Identifier: Apache-2.0
"""Reads the columns that MIBs and a profile want, each at most once; what fails stops none of the others."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from giamsat_agent.devices import mib_file
from giamsat_agent.devices.errors import RefusedError, SilentError
from giamsat_agent.devices.mib import Mib, Table
from giamsat_agent.devices.profile import Profile
from giamsat_agent.devices.reading import SYSTEM, Rows, Value

T = TypeVar("T")
AGAIN = 15
"""Polls after which it is asked again what a device has: a quarter of an hour at the usual interval."""
SILENCES = 3
"""Questions in a row without an answer after which it is asked whether it is there at all."""


class Walked(Protocol):
    """A device that answers."""

    def get(self, oids: Iterable[str]) -> Mapping[str, Value]:
        """The objects it has, of these."""
        ...

    def has(self, oid: str) -> bool:
        """Whether there is anything below an object."""
        ...

    def walk(self, oid: str) -> Iterator[Rows]:
        """Every object below one, answer by answer."""
        ...


class Presence:
    """Which MIBs and tables a device has, remembered for a while: they come and go with its software and its parts.

    What it has not is asked for again after AGAIN polls.
    """

    def __init__(self) -> None:
        self._known: dict[str, bool] = {}
        self._polls = 0

    def begin(self) -> None:
        """Another poll begins."""
        if self._polls % AGAIN == 0:
            self._known.clear()
        self._polls += 1

    def get(self, oid: str) -> bool | None:
        """Whether it has something below an object; None when that is not known."""
        return self._known.get(oid)

    def set(self, oid: str, *, has: bool) -> None:
        """What the device answered."""
        self._known[oid] = has


class Reader:
    """What was read of one device: `columns` by column and index, and `errors` as (object, reason)."""

    def __init__(self, device: Walked, presence: Presence | None = None) -> None:
        self.columns: dict[str, dict[str, Value]] = {}
        self.errors: list[tuple[str, str]] = []
        self._device = device
        self._presence = presence or Presence()
        self._presence.begin()
        self._unanswered = 0
        self._gone = False
        self._whole: list[str] = []

    def answered(self, oids: Sequence[str]) -> frozenset[str]:
        """Those of some objects that the device has; remembered as long as what it has."""
        new = [oid for oid in oids if self._presence.get(oid) is None]
        said = self.tried(new[0], lambda: self._device.get(new), None) if new else {}
        if said is not None:
            for oid in new:
                self._presence.set(oid, has=oid in said)
        return frozenset(oid for oid in oids if self._presence.get(oid))

    def read(self, known: Profile) -> tuple[Mib, ...]:
        """Read the MIBs every device may have and those of the profile, which are given back."""
        wanted = [one for one in mib_file.every().values() if one.everywhere or one.name in known.mibs]
        mibs = tuple(one for one in (known.mib, *wanted) if not one.root or self._has(one.root))
        for one in mibs:
            self._scalars(one)
            for table in one.tables:
                self._table(table)
        return mibs

    def tried(self, oid: str, ask: Callable[[], T], otherwise: T) -> T:
        """The answer; when none comes, `otherwise`, and it is noted."""
        if self._gone:
            return otherwise
        try:
            answer = ask()
        except (SilentError, RefusedError) as error:
            self.errors.append((oid, str(error)))
            self._unanswered += 1
            self._gone = self._unanswered >= SILENCES and not self._answers()
            return otherwise
        self._unanswered = 0
        return answer

    def _answers(self) -> bool:
        """Whether it is there at all."""
        try:
            self._device.get([SYSTEM["sysUpTime"]])
        except (SilentError, RefusedError):
            return False
        self._unanswered = 0
        return True

    def _scalars(self, one: Mib) -> None:
        wanted = [f"{figure.oid}.0" for figure in one.scalars if figure.oid not in self.columns]
        if wanted:
            said: Mapping[str, Value] = self.tried(wanted[0], lambda: self._device.get(wanted), {})
            for oid, value in said.items():
                self.columns[oid.removesuffix(".0")] = {"0": value}

    def _table(self, table: Table) -> None:
        if table.whole:
            self._whole.append(table.entry)
            self.tried(table.entry, lambda: self._keep(table.entry), None)
        elif self._has(table.entry):
            for oid in table.oids:
                if oid not in self.columns and not any(oid.startswith(f"{entry}.") for entry in self._whole):
                    self.columns[oid] = {}
                    self.tried(oid, lambda: self._keep(oid, oid), None)  # noqa: B023

    def _has(self, oid: str) -> bool:
        known = self._presence.get(oid)
        if known is None:
            known = self.tried(oid, lambda: self._device.has(oid), None)
            if known is not None:
                self._presence.set(oid, has=known)
        return bool(known)

    def _keep(self, top: str, column: str = "") -> None:
        """Walk below `top`; a row's column is `column`, or the number after the entry."""
        if column:
            kept = self.columns[column]
            for rows in self._device.walk(top):
                kept.update(rows)
            return
        last, kept = "", {}
        for rows in self._device.walk(top):
            for name, value in rows:
                place, _, index = name.partition(".")
                if place != last:
                    last, kept = place, self.columns.setdefault(f"{top}.{place}", {})
                kept[index] = value
