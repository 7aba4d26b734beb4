# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.coverage import daily, declared
from giamsat_collector.coverage.declared import GENESIS, Declaration
from giamsat_collector.coverage.seal import open_seal
from support.office import Office

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DAY_NS = 86_400 * 10**9
NOTHING = Declaration(0, "p", ())


@pytest.mark.parametrize(
    ("now", "last", "day"),
    [
        ("2026-11-29T00:00", "2026-11-27", "2026-11-28"),
        ("2026-11-29T00:59", "", "2026-11-28"),
        ("2026-11-29T00:10", "2026-11-28", None),
        ("2026-11-29T01:01", "2026-11-27", None),
        ("2026-11-28T23:59", "2026-11-27", None),
    ],
)
def test_a_day_is_stated_once_shortly_after_it_ended(now, last, day):
    assert daily.due(datetime.fromisoformat(now).replace(tzinfo=HANOI), last) == day


def test_each_statement_names_the_one_before_it(connection, tmp_path):
    seal = open_seal(tmp_path / "k")
    for day in ("2026-11-26", "2026-11-28"):
        daily.keep(connection, day, NOTHING, seal)

    first, second = (daily.of(connection, day) for day in ("2026-11-26", "2026-11-28"))
    assert declared.read(first.body)[1]["previous"] == GENESIS
    said = declared.read(second.body)[1]
    assert (said["previous"], said["previous_day"]) == (declared.digest(first.body), "2026-11-26")
    assert seal.signed(second.body, second.signature)
    assert (daily.of(connection, "2026-11-27"), daily.days(connection)) == (None, ["2026-11-26", "2026-11-28"])


async def test_how_it_stood_when_a_day_ended_stays_as_it_was(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    midnight = office.clock.wall_ns() // DAY_NS * DAY_NS + DAY_NS
    yesterday = datetime.fromtimestamp(midnight / 1e9 - 1, office.daily.zone).date()
    assert await office.daily.at_end_of(yesterday) == await office.daily.now()

    office.clock.advance(midnight - office.clock.wall_ns() + 1)
    assert await office.daily.at_end_of(yesterday) is None
    for _ in range(2):
        await office.daily.look()
    office.console.place(asset="A2", level=5)

    (one,) = (await office.daily.at_end_of(yesterday)).systems
    assert (one.system, one.name, one.unit_name, one.state) == ("S-A1", "Hệ thống A1", "Đơn vị 40.412", "unknown")
    assert len((await office.daily.now()).systems) == 2
    office.console.close()


async def test_the_statement_of_a_day_counts_a_document_whose_last_day_it_is_and_the_next_one_does_not(tmp_path):
    office = Office(tmp_path)
    office.console.place(level=4)
    duty = "monitor.around_the_clock"
    midnight = office.clock.wall_ns() // DAY_NS * DAY_NS + DAY_NS
    days = [datetime.fromtimestamp(midnight / 1e9 + shift, UTC).date() for shift in (-1, 1)]
    words = {"document": "12/QĐ", "text": "trực ca", "expires": days[0].isoformat()}
    await office.do("coverage.attest", system="S-A1", obligation=duty, state="met", **words)

    for _ in days:
        office.clock.advance(midnight - office.clock.wall_ns() + 1)
        await office.daily.look()
        midnight += DAY_NS

    stated = [await office.daily.at_end_of(day) for day in days]
    assert [one.systems[0].obligations[duty] for one in stated] == ["met", "unknown"]
    office.console.close()
