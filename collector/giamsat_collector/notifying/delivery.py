# SPDX-License-Identifier: Apache-2.0
"""Tells each notifier what it wants to hear, in order, until the other end has taken it.

How far one has come is kept in the database, so nothing is left out when the collector or the other end is down for a
while; after a fault the same is told again.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Final, Protocol

import structlog

from giamsat_collector.alerts import search
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.errors import StoreError
from giamsat_collector.notifier import Notice, Notifier, NotToldError
from giamsat_collector.notify_settings import What
from giamsat_collector.notifying import history
from giamsat_collector.notifying.wanted import Wanted
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.store import Store
from giamsat_wire.clock import SECOND_NS

log = structlog.get_logger()

AT_ONCE: Final = 200
"""Rows of history looked at together, and so the most that one message tells."""
LOOK_EVERY_S: Final = 30.0
AGAIN_S: Final = (5.0, 300.0)
"""After a fault: first, and at most; doubled each time."""
TELL_S: Final = 60.0
"""So long one message may take in all."""
ABOVE: Final = 8
"""Units above a unit that are looked for."""


class Newness(Protocol):
    """Wakes who waits for alerts to change."""

    edition: int

    async def wait(self, known: int, at_most_s: float) -> int:
        """The newest edition, once it is newer or the time is over."""
        ...


@dataclass(slots=True)
class Target:
    """One notifier, what it is to be told, and how that has gone. `problem` is the last fault, None once it is over.

    One that forgets what it is not told again is told everything open each `repeat_s`.
    """

    name: str
    kind: str
    notifier: Notifier
    wanted: Wanted
    pause_s: float
    repeat_s: float | None = None
    repeated_ns: int = 0
    told_total: int = 0
    failures_total: int = 0
    waiting: int = 0
    problem: str | None = None
    told_ns: int | None = None
    busy: bool = False


@dataclass(slots=True)
class Telling:
    """The one who tells. `address` is where the console shows an alert; `rest` waits so many seconds."""

    store: Store
    registry: Registry
    targets: Sequence[Target]
    address: Callable[[str], str]
    wall_ns: Callable[[], int]
    rest: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self, news: Newness) -> None:
        """Tell every target for ever, each at its own pace: one that is down holds up no other."""
        names = [target.name for target in self.targets]
        with contextlib.suppress(StoreError):
            await self.store.write(lambda connection: history.keep_only(connection, names))
        async with asyncio.TaskGroup() as tasks:
            for target in self.targets:
                tasks.create_task(self._serve(target, news))

    async def tell(self, target: Target) -> bool:
        """Tell a target the next of what it has not heard; whether there may be more.

        Raises:
            NotToldError: it did not take them; they are told again next time.
            StoreError: the database cannot be read or written.
        """
        reached = await self.store.read(lambda connection: history.reached(connection, target.name))
        if reached is None:
            reached = await self.store.write(lambda connection: history.begin(connection, target.name))
        after = reached
        rows = await self.store.read(lambda connection: history.since(connection, after, AT_ONCE))
        if not rows:
            target.waiting = 0
            return False
        fit = [row for row in rows if target.wanted.fits(row[1], row[3], self.within)]
        # One that opened in maintenance and came out of it before this was read opened once.
        opened = {alert.id: number for number, what, _, alert in fit if what is What.OPEN}
        notices = [self.notice(*row) for row in fit if row[1] is not What.OPEN or opened[row[3].id] == row[0]]
        target.waiting = len(notices)
        if notices:
            await self.hand_over(target, notices)
        await self.store.write(lambda connection: history.reach(connection, target.name, rows[-1][0]))
        target.waiting, target.problem = 0, None
        if notices:
            target.told_total += len(notices)
            target.told_ns = self.wall_ns()
            await self.rest(target.pause_s)
        return True

    async def repeat(self, target: Target) -> None:
        """Tell a target again of every alert that stands open in the queue, if it is one to be told so and it is time.

        Raises:
            NotToldError: it did not take them; they are told again next time.
            StoreError: the database cannot be read.
        """
        now_ns = self.wall_ns()
        if target.repeat_s is None or 0 <= now_ns - target.repeated_ns < target.repeat_s * SECOND_NS:
            return
        every = await self.store.read(search.every_open)
        fit = [one for one in every if one.cause is None and target.wanted.fits(What.OPEN, one, self.within)]
        for start in range(0, len(fit), AT_ONCE):
            part = fit[start : start + AT_ONCE]
            await self.hand_over(target, [self.notice(0, What.OPEN, now_ns, one) for one in part])
        target.repeated_ns = now_ns

    def notice(self, number: int, what: What, at_ns: int, alert: Alert) -> Notice:
        """One row of history as it is told."""
        place = self.registry.placement(alert.asset)
        return Notice(number, what, at_ns, alert, place.name, self.registry.named(alert.unit), self.address(alert.id))

    async def hand_over(self, target: Target, notices: Sequence[Notice]) -> None:
        """Have a notifier tell, in a thread that nobody waits for when the collector stops.

        Raises:
            NotToldError: it was not taken, took too long, or the last attempt still hangs.
        """
        if target.busy:
            raise NotToldError(f"{target.name}: the other end still keeps the last attempt waiting")
        loop, done = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

        def settle(error: Exception | None) -> None:
            target.busy = False
            if not done.done():
                done.set_exception(error) if error else done.set_result(None)

        def work() -> None:
            fault: Exception | None = None
            try:
                target.notifier.tell(notices)
            except NotToldError as error:
                fault = error
            except Exception as error:  # noqa: BLE001 - one that fails holds up nobody; a message could quote a secret
                fault = NotToldError(f"{target.name}: failed with {type(error).__name__}; please report it")
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(settle, fault)

        target.busy = True
        Thread(target=work, name=f"notify-{target.name}", daemon=True).start()
        try:
            async with asyncio.timeout(TELL_S):
                await done
        except TimeoutError as error:
            raise NotToldError(f"{target.name}: took longer than {TELL_S:.0f} s") from error

    def within(self, unit: str) -> frozenset[str]:
        """A unit and those above it."""
        found = [unit]
        while len(found) <= ABOVE and (above := self.registry.units.get(found[-1])) and above.parent:
            found.append(above.parent)
        return frozenset(found)

    async def _serve(self, target: Target, news: Newness) -> None:
        again, edition = AGAIN_S[0], news.edition
        while True:
            try:
                while await self.tell(target):
                    again = AGAIN_S[0]
                await self.repeat(target)
                edition = await news.wait(edition, LOOK_EVERY_S)
            except (NotToldError, StoreError) as error:
                target.failures_total += 1
                if target.problem != str(error):
                    log.warning("not_notified", notifier=target.name, reason=str(error))
                target.problem = str(error)
                await self.rest(again)
                again = min(2 * again, AGAIN_S[1])
