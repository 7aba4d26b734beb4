# SPDX-License-Identifier: Apache-2.0
"""The books of each source of each host, by the minute in which this collector learned of it. Pure.

An agent tells what each source yielded (`produced`) and what of that it only counted or gave up; what came is counted
here. The difference waits at the agent (`spooled`), until it is clear that it never comes: then it is `lost`. So in
every minute produced = throttled + dropped + received + lost + what `spooled` grew by.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from giamsat_collector.coverage.sources import MINUTE_NS, RECENT, Source
from giamsat_collector.ingest.conservation import Waiting
from giamsat_wire.lane import Lane
from giamsat_wire.source import OTHER, SOURCES, Counts

SETTLED: Final = 2
"""Minutes in which an agent told its counts and held nothing back, after which what has not come never will."""
SET_BACK: Final = 60
"""Minutes: a time that is as much earlier is that of a clock that was set back, not of a frame that waited."""
LANES: Final = (Lane.URGENT, Lane.EVENT)
"""Those events travel in."""


@dataclass(frozen=True, slots=True)
class Minute:
    """What became of one source in a minute (since 1970); `spooled` is what waited at its agent at the minute's end."""

    asset: str
    minute: int
    source: str
    produced: int = 0
    throttled: int = 0
    dropped: int = 0
    spooled: int = 0
    received: int = 0
    lost: int = 0

    @property
    def lacking(self) -> int:
        """What of it nobody will ever see."""
        return self.dropped + self.lost

    @property
    def happened(self) -> bool:
        """Whether anything did."""
        return any((self.produced, self.throttled, self.dropped, self.received, self.lost))


@dataclass(slots=True)
class _Account:
    """One source; `low` and `high` are the extremes of the balance in this minute, `quiet` those of minutes before.

    `anew` says that its agent began anew, after which it may not have told of all it yielded before.
    """

    told: Counts | None = None
    told_now: bool = False
    produced: int = 0
    throttled: int = 0
    dropped: int = 0
    received: int = 0
    balance: int = 0
    low: int = 0
    high: int = 0
    quiet: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=SETTLED))
    anew: bool = False
    heard_ns: int | None = None
    recent: deque[tuple[int, int, int]] = field(default_factory=deque)

    def tell(self, counts: Counts, *, known: bool) -> None:
        """The agent's counts; one that began anew has counted all of them since."""
        before, self.told, self.told_now = self.told, counts, True
        if before is None and not known:
            # From when on its agent counted is not known.
            self.untold()
            before = counts
        elif before is None:
            before = Counts()
        if not known or counts.produced < before.produced:
            self.anew = True
        self.produced += _grown(before.produced, counts.produced)
        self.throttled += _grown(before.throttled, counts.throttled)
        self.dropped += _grown(before.dropped, counts.dropped)
        gone = _grown(before.throttled, counts.throttled) + _grown(before.dropped, counts.dropped)
        self._moved(_grown(before.produced, counts.produced) - gone)

    def receive(self, events: int, at_ns: int) -> None:
        """Events came."""
        self.received += events
        self.heard_ns = at_ns
        self._moved(-events)

    def running(self, asset: str, minute: int, source: str, lost: int = 0) -> Minute:
        """What became of the source in the minute so far."""
        waits = max(0, self.balance)
        counts = (self.produced, self.throttled, self.dropped, waits, self.received, lost)
        return Minute(asset, minute, source, *counts)

    def untold(self) -> None:
        """Its agent tells of no source, as older ones do: what came was produced."""
        self.produced += max(0, -self.balance)
        self.balance = self.low = self.high = max(0, self.balance)

    def close(self, asset: str, minute: int, source: str, *, nothing_waits: bool) -> Minute:
        """The minute is over."""
        found = self.running(asset, minute, source, self._settle(nothing_waits=nothing_waits))
        self.produced = self.throttled = self.dropped = self.received = 0
        self.told_now = False
        if found.lacking or found.throttled:
            self.recent.append((minute, found.lacking, found.throttled))
        while self.recent and not minute - RECENT < self.recent[0][0] <= minute:
            self.recent.popleft()
        return found

    def _moved(self, by: int) -> None:
        self.balance += by
        self.low, self.high = min(self.low, self.balance), max(self.high, self.balance)

    def _settle(self, *, nothing_waits: bool) -> int:
        """What has lacked for long enough is lost.

        What came and was never told, because an agent began anew before its next reading, was produced all the same.
        """
        extremes, self.low, self.high = (self.low, self.high), self.balance, self.balance
        if not (self.told_now and nothing_waits):
            self.quiet.clear()
            return 0
        self.quiet.append(extremes)
        if len(self.quiet) < SETTLED:
            return 0
        low, high = min(low for low, _ in self.quiet), max(high for _, high in self.quiet)
        lost = max(0, low)
        untold = max(0, -high) if self.anew and low == high else 0
        if lost or untold:
            self.anew = False
            self.produced += untold
            self.balance += untold - lost
            self.low = self.high = self.balance
            self.quiet.clear()
        return lost


@dataclass(slots=True)
class Books:
    """Every source of every host. `waiting` says what an agent holds back by lane, nothing when it is not known."""

    waiting: Callable[[str], Mapping[Lane, Waiting]]
    _hosts: dict[str, dict[str, _Account]] = field(default_factory=dict)
    _minute: int = 0
    _counted: int = 0
    _taken: int = 0
    _through: int = 0
    _closed: list[Minute] = field(default_factory=list)

    def begin(self, counted: int, kept: Iterable[Minute]) -> None:
        """Go on after a start: frames up to `counted` are in the rows, of which `kept` are those of the last hour."""
        self._counted = self._taken = self._through = counted
        for row in kept:
            account = self._account(row.asset, row.source)
            if account is None:
                continue
            account.balance = account.low = account.high = row.spooled
            if row.received:
                account.heard_ns = (row.minute + 1) * MINUTE_NS
            if row.lacking or row.throttled:
                account.recent.append((row.minute, row.lacking, row.throttled))

    def take(
        self,
        frame_id: int,
        asset: str,
        *,
        at_ns: int,
        told: Mapping[str, Counts] | None = None,
        received: Mapping[str, int] | None = None,
    ) -> None:
        """A frame was judged; frames are taken in the order of their ids."""
        counted = frame_id > self._counted
        if counted:
            self.pass_to(at_ns)
            self._taken = frame_id
        if told:
            known = any(account.told for account in self._hosts.get(asset, {}).values())
            for source, counts in told.items():
                account = self._account(asset, source)
                if account is not None and counted:
                    account.tell(counts, known=known)
                elif account is not None:
                    account.told = counts
        if received and counted:
            for source, events in received.items():
                account = self._account(asset, source)
                if account is not None:
                    account.receive(events, at_ns)

    def pass_to(self, at_ns: int) -> None:
        """Minutes before this time are over; so is the one under way when the clock was set back."""
        minute = at_ns // MINUTE_NS
        if self._minute - SET_BACK < minute <= self._minute:
            return
        if self._minute:
            self._closed += self._close(self._minute)
            self._through = self._taken
        self._minute = minute

    @property
    def closed(self) -> tuple[int, tuple[Minute, ...]]:
        """Minutes that are over and not kept yet, and the last frame that counts in them."""
        return self._through, tuple(self._closed)

    def kept(self, minutes: Iterable[Minute]) -> None:
        """These are in the rows now."""
        gone = set(minutes)
        self._closed = [one for one in self._closed if one not in gone]

    def of(self, asset: str) -> Mapping[str, Source]:
        """The sources of a host as they are now."""
        return {
            name: Source(
                up=account.told.up if account.told else None,
                heard_ns=account.heard_ns,
                spooled=max(0, account.low),
                lacking=account.dropped + sum(lacking for _, lacking, _ in account.recent),
                throttled=account.throttled + sum(throttled for _, _, throttled in account.recent),
            )
            for name, account in sorted(self._hosts.get(asset, {}).items())
        }

    def running(self, asset: str) -> tuple[Minute, ...]:
        """A host's minutes that are not in the rows: those that are over, and the one that goes on."""
        over = [one for one in self._closed if one.asset == asset]
        accounts = self._hosts.get(asset, {})
        now = [account.running(asset, self._minute, source) for source, account in sorted(accounts.items())]
        return (*over, *(one for one in now if one.happened))

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._hosts))

    def _account(self, asset: str, source: str) -> _Account | None:
        accounts = self._hosts.setdefault(asset, {})
        if source not in accounts and len(accounts) >= SOURCES:
            source = OTHER
        return accounts.setdefault(source, _Account())

    def _close(self, minute: int) -> Iterator[Minute]:
        for asset, accounts in self._hosts.items():
            waits = self.waiting(asset) if any(account.balance for account in accounts.values()) else {}
            nothing_waits = bool(waits) and not any(waits[lane].frames for lane in LANES if lane in waits)
            tells = any(account.told for account in accounts.values())
            for source, account in accounts.items():
                told = account.told_now
                if not tells:
                    account.untold()
                row = account.close(asset, minute, source, nothing_waits=nothing_waits)
                if row.happened or (row.spooled and told):
                    yield row


def _grown(before: int, now: int) -> int:
    return now - before if now >= before else now
