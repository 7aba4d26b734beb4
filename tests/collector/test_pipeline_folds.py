# SPDX-License-Identifier: Apache-2.0
"""Frames of one attack through the pipeline: several rules tell of it, one alert stands in the queue."""

from dataclasses import replace

import pytest

from giamsat_collector import pipeline
from giamsat_collector.alerts import folds, search
from giamsat_collector.alerts.search import Filter
from giamsat_wire.codec import encode_happenings
from support.clock import ManualClock
from support.judging import SECOND, Works, engine, failed_login, until

GUESS, SLOW, SPRAY = "ssh_brute_force", "slow_password_guessing", "password_spraying"


@pytest.fixture
async def works(tmp_path):
    works = await Works(tmp_path / "giamsat.db", ManualClock()).begin()
    yield works
    await works.store.close()


async def sprayed(works, number):
    """So many accounts are tried, one after the other."""
    last = 0
    for each in range(number):
        works.clock.advance(SECOND)
        guess = failed_login(works.clock.wall_ns())
        guess = replace(guess, fields={**guess.fields, "user.name": f"user-{each}"})
        last = await works.arrive(encode_happenings([guess]))
    return last


async def queue(works, state="open"):
    found = await works.store.read(lambda rows: search.search(rows, Filter.parse([("state", state)])))
    return {alert.rule: alert.id for alert in found.alerts}


async def test_one_attack_is_one_row_from_its_first_frame_over_a_restart_until_the_rules_say_otherwise(works):
    async with works.running():
        await works.judged(await sprayed(works, 30))
    before = await queue(works), await queue(works, "same")
    assert [set(each) for each in before] == [{SPRAY}, {SLOW, GUESS}]

    await works.again()
    async with works.running():
        await works.judged(await sprayed(works, 3))
        assert (await queue(works), await queue(works, "same")) == before
        (hidden,) = await works.alerts(GUESS)
        assert hidden.count == 33

        other = engine()
        other.behind = {}
        works.judge.follow(other)
        works.clock.advance(10 * SECOND)
        works.tail.news.set()
        told = works.told
        await until(lambda: works.told > told)
        assert await queue(works) == {**before[0], **before[1]}


async def test_what_other_rules_move_is_moved_a_part_in_each_turn(works, monkeypatch):
    monkeypatch.setattr(pipeline, "ALERTS_PER_TURN", 1)
    async with works.running():
        await works.judged(await sprayed(works, 30))
        other = engine()
        other.behind = {}
        works.judge.follow(other)
        works.clock.advance(10 * SECOND)
        told = works.told
        works.tail.news.set()
        await until(lambda: works.told == told + 2)

    assert set(await queue(works)) == {SPRAY, SLOW, GUESS}


async def test_an_attack_of_which_each_second_line_says_no_address_is_one_row(works):
    async with works.running():
        for each in range(60):
            works.clock.advance(SECOND)
            guess = failed_login(works.clock.wall_ns())
            fields = {**guess.fields, "process.name": "httpd", "user.name": "admin"}
            if each % 2:
                del fields["source.ip"]
            last = await works.arrive(encode_happenings([replace(guess, fields=fields)]))
        await works.judged(last)

    assert [set(each) for each in (await queue(works), await queue(works, "same"))] == [
        {"login_brute_force"},
        {"account_guessing"},
    ]


async def test_an_account_that_is_tried_later_in_an_attack_is_told_of_with_it_as_well(works):
    async with works.running():
        for each in range(120):
            works.clock.advance(SECOND)
            guess = failed_login(works.clock.wall_ns())
            user = "admin" if each < 60 else "backup"
            fields = {**guess.fields, "process.name": "httpd", "user.name": user}
            if each % 2:
                del fields["source.ip"]
            last = await works.arrive(encode_happenings([replace(guess, fields=fields)]))
        await works.judged(last)

    (hidden,) = await works.alerts("account_guessing")
    assert [group.group["user.name"] for group in hidden.groups] == ["admin", "backup"]
    assert [set(each) for each in (await queue(works), await queue(works, "same"))] == [
        {"login_brute_force"},
        {"account_guessing"},
    ]


async def test_every_alert_is_looked_at_anew_only_where_other_rules_say_otherwise_which_tell_of_the_same(
    works, monkeypatch
):
    """With 20,000 alerts in the queue that takes most of a second, which the exchange of rules need not."""
    asked = []
    monkeypatch.setattr(folds, "misplaced", lambda _rows, behind: asked.append(behind) or [])

    async def exchanged(rules):
        works.judge.follow(rules)
        works.clock.advance(10 * SECOND)
        await works.reached(await works.guesses(1))

    async with works.running():
        await works.reached(await works.guesses(1))
        await exchanged(engine())
        assert len(asked) == 1, "at the start, as nobody knows by which rules it was placed before"
        other = engine()
        other.behind = {}
        await exchanged(other)

    assert asked == [engine().behind, {}]
