# SPDX-License-Identifier: Apache-2.0
"""The pipeline on a real database with the shipped rules: each verdict is recorded once, whatever happens between."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from giamsat.v1 import telemetry_pb2
from giamsat_collector.alerts import ledger
from giamsat_collector.alerts.lifecycle import Action, Request
from giamsat_collector.alerts.tables import evidence
from giamsat_collector.errors import StoreError
from giamsat_collector.ingest.presence import Greeting
from giamsat_collector.ingest.tables import losses, progress, quarantine
from giamsat_collector.registry import fact_ledger
from giamsat_collector.registry.fact_ledger import Telling
from giamsat_collector.registry.history import Fact, Key, Kind, as_fields
from giamsat_collector.registry.record import Unit, UnitKind
from giamsat_collector.suppressing import ledger as suppressing
from giamsat_collector.suppressing.record import Record
from giamsat_wire.codec import Encoded, FrameFlag, encode_happenings, encode_loss
from giamsat_wire.lane import Lane
from giamsat_wire.record import Loss, LossReason
from support.clock import ManualClock
from support.judging import ASSET, GUESSER, SECOND, Works, failed_login, until
from support.packets import capture
from support.packets import evidence as evidence_sent

THRESHOLD = 8
"""Failed logins at level 3."""
NEW_UNIT = Fact(Key(Kind.UNIT, "40.1"), 0, as_fields(Unit("40.1", "Phường Thành Vinh", UnitKind.COMMUNE)))


class Killed(BaseException):
    """The end of the process."""


class Dying:
    """A store under which the process dies at its nth write: before that write is durable, or right after."""

    def __init__(self, store, write, *, durable):
        self._store, self._left, self._durable = store, write, durable

    async def read(self, work):
        return await self._store.read(work)

    async def write(self, work):
        self._left -= 1
        if self._left == 0:
            if self._durable:
                await self._store.write(work)
            raise Killed
        return await self._store.write(work)


@pytest.fixture
async def works(tmp_path):
    works = await Works(tmp_path / "giamsat.db", ManualClock()).begin()
    yield works
    await works.store.close()


async def test_an_attack_over_several_frames_is_one_alert_with_the_exact_count(works):
    async with works.running():
        await works.judged(await works.guesses(THRESHOLD - 1))
        assert await works.alerts() == []
        await works.judged(await works.guesses(5))

    (alert,) = await works.alerts()
    assert (alert.count, alert.asset, alert.level, alert.unit) == (THRESHOLD + 4, ASSET, 3, "40.412")
    assert [(group.group, group.count) for group in alert.groups] == [({"source.ip": GUESSER}, THRESHOLD + 4)]
    assert works.told >= 1


async def test_what_is_suppressed_opens_no_alert_and_is_counted_once_whatever_happens_between(works):
    record = Record(0, ("ssh_brute_force",), {"source.ip": GUESSER}, "máy quét", "12/QĐ", "an", 0, 0, 1 << 62)
    await works.store.write(lambda connection: suppressing.propose(connection, record, 0))
    works.judge.engine.suppressions.every = await works.store.read(lambda c: suppressing.asked(c, 0))
    async with works.running():
        await works.judged(await works.guesses(THRESHOLD))
    await works.again()
    works.judge.engine.suppressions.every = await works.store.read(lambda c: suppressing.asked(c, 0))
    async with works.running():
        await works.judged(await works.guesses(2))

    (kept,) = await works.store.read(suppressing.every)
    assert "ssh_brute_force" not in {alert.rule for alert in await works.alerts()}
    assert kept.hidden == THRESHOLD + 2
    assert works.pipeline.suppressed == {"ssh_brute_force": 2}


@pytest.mark.parametrize("durable", [False, True], ids=["before-commit", "after-commit"])
@pytest.mark.parametrize("write", [1, 2, 3])
async def test_killed_around_any_commit_it_ends_with_the_same_alert_as_if_nothing_had_happened(
    tmp_path, works, write, durable
):
    works.pipeline = works.on(Dying(works.store, write, durable=durable))
    twin = await Works(tmp_path / "twin.db", ManualClock()).begin()
    for each in (works, twin):
        for _ in range(3):
            await through(each, await each.guesses(6))

    assert list(map(apart, await works.alerts())) == list(map(apart, await twin.alerts()))
    assert [alert.count for alert in await works.alerts()] == [18]
    await twin.store.close()


async def through(works, last):
    """Judge up to a frame, starting anew if the process dies on the way."""
    async with works.running():
        await until(lambda: works.over or works.pipeline.figures.cursor >= last)
    if works.over and works.pipeline.figures.cursor < last:
        await works.again()
        async with works.running():
            await works.judged(last)


def apart(alert):
    """An alert apart from when it was written down."""
    return replace(alert, opened_ns=0, changed_ns=0)


async def test_a_restart_in_mid_attack_neither_loses_nor_doubles_what_was_counted(works):
    async with works.running():
        await works.judged(await works.guesses(THRESHOLD + 3))
    await works.again()
    async with works.running():
        await works.judged(await works.guesses(4))

    assert [alert.count for alert in await works.alerts()] == [THRESHOLD + 7]


async def test_guesses_before_a_restart_count_towards_the_threshold_after_it(works):
    async with works.running():
        await works.judged(await works.guesses(THRESHOLD - 1))
    await works.again()
    async with works.running():
        await works.judged(await works.guesses(1))

    assert [alert.count for alert in await works.alerts()] == [THRESHOLD]


async def test_a_rebuild_records_nothing(works):
    async with works.running():
        await works.judged(await works.guesses(THRESHOLD))
    before = await works.alerts(), await works.rows(progress)

    await works.again()

    assert (await works.alerts(), await works.rows(progress)) == before
    assert works.pipeline.figures.verdicts == 0


async def test_after_a_long_stop_frames_older_than_every_window_are_not_judged_again(works):
    async with works.running():
        await works.judged(await works.guesses(3))
    works.clock.advance(12 * 3600 * SECOND)

    await works.again()

    assert works.judge.silences._sources == {}  # nothing was looked at


async def test_frames_that_came_while_nobody_judged_are_judged_once(works):
    last = await works.guesses(THRESHOLD + 2)
    await works.again()
    async with works.running():
        await works.judged(last)

    assert [alert.count for alert in await works.alerts()] == [THRESHOLD + 2]


@pytest.mark.parametrize(
    "poison",
    [
        Encoded(FrameFlag(0), b"\xff\xff garbage"),
        Encoded(FrameFlag.ZSTD, b"not zstd"),
        Encoded(
            FrameFlag(0),
            telemetry_pb2.Payload(
                gap=telemetry_pb2.Gap(lane=2, epoch=5, first=1, last=(1 << 64) - 1)
            ).SerializeToString(),
        ),
        Encoded(
            FrameFlag(0),
            telemetry_pb2.Payload(
                gap=telemetry_pb2.Gap(lane=2, epoch=(1 << 64) - 1, first=1, last=2)
            ).SerializeToString(),
        ),
    ],
    ids=["garbage", "not-compressed", "gap-without-end", "gap-of-no-epoch"],
)
async def test_a_frame_that_cannot_be_read_is_set_aside_with_its_reason_and_the_rest_goes_on(works, poison):
    async with works.running():
        await works.guesses(THRESHOLD - 1)
        await works.arrive([poison])
        await works.judged(await works.guesses(1))

    assert [alert.count for alert in await works.alerts()] == [THRESHOLD]
    (kept,) = await works.rows(quarantine)
    assert (kept.seq, kept.payload) == (THRESHOLD, poison.payload)
    assert kept.reason
    assert works.pipeline.figures.poison == 1


@pytest.mark.parametrize(("reason", "count"), [(LossReason.SPOOL_FULL, 0), (LossReason.THINNED, 4)])
async def test_a_lost_frame_is_on_record_as_the_agent_declared_it(works, reason, count):
    async with works.running():
        await works.judged(await works.arrive([encode_loss(Loss(Lane.METRIC, 5, 3, 9, reason, count))]))

    (row,) = await works.rows(losses)
    assert (row.agent, row.lane, row.first, row.last) == (ASSET, Lane.METRIC, 3, 9)
    assert (row.reason, row.frames) == (reason.value, count or None)


async def test_an_event_of_an_impossible_time_raises_nothing_and_is_counted(works):
    now = works.clock.wall_ns()
    async with works.running():
        events = [failed_login(at) for at in (0, (1 << 64) - 1, now + 365 * 86_400 * SECOND)] * THRESHOLD
        await works.judged(await works.arrive(encode_happenings(events)))

    assert await works.alerts() == []
    assert works.judge.clamped_total == 3 * THRESHOLD


async def test_a_disk_that_is_full_delays_alerts_and_loses_none(works, monkeypatch):
    monkeypatch.setattr("giamsat_collector.pipeline.RETRY_S", 0.001)
    refusals = iter([StoreError("disk full")] * 3)

    class Full:
        read = staticmethod(works.store.read)

        async def write(self, work):
            for refusal in refusals:
                raise refusal
            return await works.store.write(work)

    works.pipeline = works.on(Full())
    async with works.running():
        await works.judged(await works.guesses(THRESHOLD))

    assert [alert.count for alert in await works.alerts()] == [THRESHOLD]
    assert works.turns >= 3, "waiting for a full disk must not look like a hang"


async def test_an_agent_that_falls_silent_is_an_alert_that_clears_when_it_is_heard(works):
    works.fleet.greeted(Greeting(ASSET, "máy-1", "1", 15.0, 0, "b"))
    works.clock.advance(200 * SECOND)
    async with works.running():
        await until(lambda: works.told == 1)
        works.fleet.heard(ASSET, works.clock.wall_ns())
        works.clock.advance(6 * SECOND)
        works.tail.news.set()
        await until(lambda: works.told == 2)

    (alert,) = await works.alerts("agent_silent")
    assert (alert.condition_cleared, alert.state.value) == (True, "resolved")


async def test_an_alert_is_the_units_that_stood_when_it_happened_however_late_it_is_heard_of(works):
    ended = Fact(Key(Kind.UNIT, "40.412"), works.clock.wall_ns() + 60 * SECOND, {"valid_to": "x", "successor": "40.1"})
    by = Telling("an", "reform")
    await works.store.write(lambda c: fact_ledger.tell(c, by, [NEW_UNIT, ended], works.clock.wall_ns()))
    await works.store.read(works.registry.load)
    before = [failed_login(works.clock.wall_ns() + number * SECOND, GUESSER) for number in range(THRESHOLD)]
    works.clock.advance(600 * SECOND)
    after = [failed_login(works.clock.wall_ns() + number * SECOND, "192.0.2.99") for number in range(THRESHOLD)]

    async with works.running():
        await works.judged(await works.arrive([encode_happenings(before)[0]]))
        (alert,) = await works.alerts()
        await works.store.write(lambda c: ledger.move(c, alert.id, Request(Action.RESOLVE, "an", note="x"), 0))
        await works.judged(await works.arrive([encode_happenings(after)[0]]))

    assert [alert.unit for alert in sorted(await works.alerts(), key=lambda one: one.first_ns)] == ["40.412", "40.1"]


async def test_packets_are_kept_beside_what_is_judged_and_those_that_are_not_what_they_should_be_counted(works):
    (good, name), (bad, _) = evidence_sent(capture(b"a frame")), evidence_sent(b"no capture")
    async with works.running():
        await works.judged(await works.arrive(encode_happenings([good, bad])))

    rows = await works.store.read(lambda rows: rows.execute(select(evidence.c.asset, evidence.c.id)).all())
    assert rows == [(ASSET, name)]
    figures = works.pipeline.figures
    assert (figures.evidence, figures.evidence_refused, works.told) == (1, 1, 1)
