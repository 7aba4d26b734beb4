# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_collector.alerts import ledger, search
from giamsat_collector.errors import StoreError
from giamsat_collector.incidents.incident import Report
from giamsat_collector.incidents.lifecycle import Action, Request
from giamsat_collector.self_monitoring import SelfMonitoring, condition
from support.verdicts import PLACEMENT, recorded, verdict

SECOND = 1_000_000_000


@pytest.fixture
def watch(parts):
    return SelfMonitoring(parts)


async def test_a_collector_that_is_well_says_so_and_raises_nothing(parts, watch):
    now = condition(parts)

    await watch.look(now)

    assert (now.waited_ns, now.archive_failures, now.quarantined, now.rules_disabled) == (0, 0, 0, 0)
    assert now.room > now.free > 0
    assert now.backup_age_s == 0
    assert await parts.store.read(search.every_open) == ()


async def test_what_is_wrong_with_it_is_one_alert_of_its_own_which_clears(parts, watch):
    ill = replace(condition(parts), waited_ns=61 * SECOND, free=90, room=100)
    for _ in range(15):
        parts.clock.advance(5 * SECOND)
        await watch.look(ill)

    (alert,) = await parts.store.read(search.every_open)
    assert (alert.rule, alert.asset, alert.level) == ("collector_judges_late", "collector", 3)
    assert parts.news.edition == 1

    parts.clock.advance(5 * SECOND)
    await watch.look(replace(ill, waited_ns=0))
    assert (await parts.store.read(lambda connection: ledger.get(connection, alert.id))).condition_cleared
    assert await parts.store.read(search.every_open) == ()


@pytest.mark.parametrize(
    ("rule", "ill"),
    [
        ("collector_archive_fails", lambda now, turn: replace(now, archive_failures=turn)),
        ("collector_frames_unreadable", lambda now, turn: replace(now, quarantined=turn)),
        ("collector_rule_disabled", lambda now, turn: replace(now, rules_disabled=1)),
        ("known_bad_list_old", lambda now, turn: replace(now, lists={"ncsc": 9.0})),
    ],
)
async def test_each_thing_that_is_wrong_with_it_is_an_alert_of_its_own(parts, watch, rule, ill):
    for turn in range(90):
        parts.clock.advance(5 * SECOND)
        await watch.look(ill(condition(parts), turn))

    (alert,) = await parts.store.read(search.every_open)
    assert (alert.rule, alert.asset) == (rule, "collector")


async def test_data_that_was_not_backed_up_for_long_is_an_alert_until_it_is(parts, watch):
    parts.clock.advance(2 * 86_400 * SECOND)
    for _ in range(15):
        parts.clock.advance(5 * SECOND)
        await watch.look(condition(parts))
    (alert,) = await parts.store.read(search.every_open)
    parts.backups.taken(parts.clock.wall_ns())
    await watch.look(condition(parts))

    assert (alert.rule, alert.asset) == ("collector_not_backed_up", "collector")
    assert await parts.store.read(search.every_open) == ()


async def test_a_report_on_an_incident_is_told_before_it_is_due_when_it_is_late_and_no_more_once_it_is_sent(
    parts, watch
):
    async def look(hours):
        parts.clock.advance(int(hours * 3600) * SECOND)
        for _ in range(15):
            parts.clock.advance(5 * SECOND)
            parts.backups.taken(parts.clock.wall_ns())
            await watch.look(condition(parts))
        return {alert.rule for alert in await parts.store.read(search.every_open) if alert.asset == "collector"}

    now = parts.clock.wall_ns()
    alert = await parts.store.write(lambda rows: recorded(rows, verdict(at=now), PLACEMENT, now))
    kept = await parts.incidents.open([alert.id], {"title": "x", "group": "dos", "serious": True}, "an")
    assert [await look(hours) for hours in (19, 2, 3)] == [set(), {"incident_report_due"}, {"incident_report_overdue"}]
    (told,) = [one for one in await parts.store.read(search.every_open) if one.rule == "incident_report_overdue"]
    assert told.groups[0].group == {"incident": str(kept.number), "report": "initial"}
    sent = Request(Action.SENT, "an", report=Report.INITIAL, document="12/BC", sent_ns=parts.clock.wall_ns())
    await parts.incidents.move(kept.number, sent)

    assert await look(0) == set()


async def test_a_disk_of_its_data_that_is_nearly_full_is_told_as_of_any_host(parts, watch):
    full = replace(condition(parts), free=5, room=100)
    for _ in range(90):
        parts.clock.advance(5 * SECOND)
        await watch.look(full)

    (alert,) = await parts.store.read(search.every_open)
    assert (alert.rule, alert.asset) == ("disk_nearly_full", "collector")
    assert alert.groups[0].group["mountpoint"] == str(parts.folder)


async def test_what_a_full_disk_refuses_to_take_is_told_when_it_takes_it(parts, watch, monkeypatch):
    full, write = replace(condition(parts), free=5, room=100), parts.store.write

    async def refuse(_):
        raise StoreError("database or disk is full")

    monkeypatch.setattr(parts.store, "write", refuse)
    for _ in range(90):
        parts.clock.advance(5 * SECOND)
        await watch.look(full)
    monkeypatch.setattr(parts.store, "write", write)
    parts.clock.advance(5 * SECOND)
    await watch.look(full)

    (alert,) = await parts.store.read(search.every_open)
    assert (alert.rule, alert.count) == ("disk_nearly_full", 1)
