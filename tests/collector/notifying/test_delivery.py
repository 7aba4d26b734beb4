# SPDX-License-Identifier: Apache-2.0
import asyncio
import threading
import time
from types import SimpleNamespace

import pytest

from giamsat_collector.alerts import ledger, search
from giamsat_collector.alerts.alert import Apart
from giamsat_collector.alerts.causes import Placing
from giamsat_collector.alerts.lifecycle import Action, Request
from giamsat_collector.console.broadcast import News
from giamsat_collector.notifier import NotToldError
from giamsat_collector.notifying import delivery
from giamsat_collector.notifying.delivery import AGAIN_S, AT_ONCE, Target, Telling
from giamsat_collector.notifying.wanted import Wanted
from giamsat_collector.registry.snapshot import Registry
from support.console import MemoryStore
from support.verdicts import PLACEMENT, recorded, verdict


class Keeping:
    """Implements Notifier; keeps what it is told, and refuses as often as it is asked to."""

    def __init__(self, faults=0):
        self.faults, self.messages = faults, []

    def tell(self, notices):
        if self.faults:
            self.faults -= 1
            raise NotToldError("mail.example: down")
        self.messages.append([notice.alert.rule for notice in notices])


class Place:
    """A store with alerts, and those who are told of them; rests take no time and are counted."""

    def __init__(self, *notifiers, **wanted):
        self.store, self.rests, self.news = MemoryStore(), [], News()
        self.targets = [
            Target(f"n{at}", "webhook", one, Wanted(priority=5, **wanted), 7) for at, one in enumerate(notifiers)
        ]
        self.telling = Telling(self.store, Registry(), self.targets, "https://s/".__add__, lambda: 99, self.rest)

    async def rest(self, seconds):
        self.rests.append(seconds)
        await asyncio.sleep(0)

    def opened(self, *rules):
        for rule in rules:
            self.store.now(lambda c, rule=rule: recorded(c, verdict(rule=rule), PLACEMENT, 10))

    async def running(self, until):
        """Run until something holds."""
        async with asyncio.timeout(60):
            task = asyncio.ensure_future(self.telling.run(self.news))
            while not until():
                self.news.publish()
                await asyncio.sleep(0.005)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_what_comes_together_is_one_message_and_nothing_is_told_twice():
    place = Place(Keeping())
    (target,) = place.targets
    place.opened("before")
    assert await place.telling.tell(target) is False
    place.opened("a", "b")

    assert await place.telling.tell(target) is True
    assert await place.telling.tell(target) is False

    assert target.notifier.messages == [["a", "b"]]
    assert (target.told_total, target.told_ns, place.rests) == (2, 99, [7])


async def test_what_was_not_taken_is_told_again_and_others_are_not_held_up():
    place = Place(Keeping(faults=3), Keeping())
    down, up = place.targets
    for target in place.targets:
        await place.telling.tell(target)
    place.opened("a")

    await place.running(lambda: down.told_total and up.told_total)

    assert down.notifier.messages == up.notifier.messages == [["a"]]
    assert (down.failures_total, up.failures_total, down.problem) == (3, 0, None)
    assert [each for each in place.rests if each != 7] == [AGAIN_S[0], 2 * AGAIN_S[0], 4 * AGAIN_S[0]]


async def test_while_it_is_down_what_waits_and_why_can_be_seen():
    place = Place(Keeping(faults=10**6))
    (target,) = place.targets
    await place.telling.tell(target)
    place.opened("a", "b")

    await place.running(lambda: target.failures_total > 8)

    assert (target.waiting, target.problem) == (2, "mail.example: down")
    assert max(place.rests) == AGAIN_S[1]


async def test_what_nobody_wants_is_passed_over_for_good():
    place = Place(Keeping(), units=frozenset({"another"}))
    (target,) = place.targets
    await place.telling.tell(target)
    place.opened("a")
    assert await place.telling.tell(target) is True
    assert await place.telling.tell(target) is False
    assert target.notifier.messages == []


async def test_a_storm_is_told_in_bounded_messages():
    place = Place(Keeping())
    (target,) = place.targets
    await place.telling.tell(target)
    place.opened(*(f"r{at}" for at in range(AT_ONCE + 3)))

    while await place.telling.tell(target):
        pass

    assert list(map(len, target.notifier.messages)) == [AT_ONCE, 3]


async def test_after_a_restart_it_goes_on_where_it_was():
    place = Place(Keeping(faults=1))
    (target,) = place.targets
    await place.telling.tell(target)
    place.opened("a")
    with pytest.raises(NotToldError):
        await place.telling.tell(target)

    again = Target("n0", "webhook", Keeping(), Wanted(priority=5), 7)
    await place.telling.tell(again)

    assert again.notifier.messages == [["a"]]


async def test_a_notifier_that_fails_in_its_own_way_is_a_fault_of_its_own_and_nothing_it_says_is_repeated():
    class Broken:
        def tell(self, notices):
            raise ValueError("Bearer secret")

    place = Place(Broken(), Keeping())
    broken, whole = place.targets
    for target in place.targets:
        await place.telling.tell(target)
    place.opened("a")

    await place.running(lambda: broken.failures_total > 1 and whole.told_total)

    assert "ValueError" in broken.problem
    assert "secret" not in broken.problem


async def test_one_that_hangs_is_given_up_holds_up_no_stop_and_is_not_asked_again_meanwhile(monkeypatch):
    release = threading.Event()

    class Hanging:
        def tell(self, notices):
            release.wait(60)

    monkeypatch.setattr(delivery, "TELL_S", 0.05)
    place = Place(Hanging())
    (target,) = place.targets
    await place.telling.tell(target)
    place.opened("a")
    began = time.monotonic()

    with pytest.raises(NotToldError, match="took longer"):
        await place.telling.tell(target)
    with pytest.raises(NotToldError, match="still keeps"):
        await place.telling.tell(target)

    assert time.monotonic() - began < 20
    (thread,) = [one for one in threading.enumerate() if one.name == "notify-n0"]
    assert thread.daemon
    release.set()
    thread.join()
    await asyncio.sleep(0)
    assert not target.busy


async def test_an_alert_that_came_out_of_maintenance_before_it_was_read_opened_once():
    place = Place(Keeping())
    (target,) = place.targets
    await place.telling.tell(target)
    place.store.now(lambda c: recorded(c, verdict(rule="a"), PLACEMENT, 10, Apart(1, 50)))
    place.store.now(lambda c: ledger.surface(c, 50))

    await place.telling.tell(target)

    assert target.notifier.messages == [["a"]]


def test_a_unit_lies_within_all_that_are_above_it():
    place = Place()
    place.telling.registry.units = {
        "c": SimpleNamespace(parent="b"),
        "b": SimpleNamespace(parent="a"),
        "loop": SimpleNamespace(parent="loop"),
    }

    assert place.telling.within("c") == {"c", "b", "a"}
    assert place.telling.within("loop") == {"loop"}


async def test_one_that_forgets_is_told_again_of_what_is_open_and_stands_in_the_queue_and_nobody_else_is():
    place = Place(Keeping(), Keeping())
    forgets, other = place.targets
    forgets.repeat_s = 300
    clock = [10**12]
    place.telling.wall_ns = lambda: clock[0]
    place.opened("open", "closed", "consequence")

    def work(connection):
        by = Request(Action.RESOLVE, "an", note="x")
        found = {one.rule: one.id for one in search.every_open(connection)}
        ledger.move(connection, found["closed"], by, 10)
        ledger.place(connection, Placing(found["consequence"], found["open"], None), 10)

    place.store.now(work)
    for target in place.targets:
        await place.telling.repeat(target)
    clock[0] += 299 * 10**9
    await place.telling.repeat(forgets)
    clock[0] += 10**9
    await place.telling.repeat(forgets)

    assert forgets.notifier.messages == [["open"], ["open"]]
    assert other.notifier.messages == []


async def test_what_was_not_taken_when_told_again_is_told_again_at_once():
    place = Place(Keeping(faults=1))
    (target,) = place.targets
    target.repeat_s, place.telling.wall_ns = 300, lambda: 10**12
    place.opened("open")

    with pytest.raises(NotToldError):
        await place.telling.repeat(target)
    await place.telling.repeat(target)

    assert target.notifier.messages == [["open"]]
