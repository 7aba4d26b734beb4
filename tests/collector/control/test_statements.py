# SPDX-License-Identifier: Apache-2.0
import hashlib

import pytest
from sqlalchemy import delete, select, update

from giamsat_collector.coverage import daily, seal
from giamsat_collector.coverage.tables import statements
from giamsat_collector.errors import RefusedError
from support.office import Office

DAYS = ("2026-11-26", "2026-11-27", "2026-11-29")


@pytest.fixture
async def office(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    now = await office.daily.now()
    for day in DAYS:
        office.store.now(lambda c, day=day: daily.keep(c, day, now, office.daily.seal))
    yield office
    office.console.close()


async def test_anybody_with_the_public_key_can_check_what_is_shown(office):
    shown = await office.do("coverage.statement.show", day="2026-11-27")
    data = shown["body"].encode("latin-1")

    assert (shown["met"], shown["total"], shown["states"]) == (0, 1, {"unknown": 1})
    assert hashlib.sha256(data).hexdigest() == shown["sha256"]
    key = seal.public_key(await office.do("coverage.statement.key"))
    assert seal.signed(key, data, bytes.fromhex(shown["signature"]))


async def test_a_chain_nobody_touched_is_right_back_to_the_first(office):
    found = await office.do("coverage.statement.verify", day="2026-11-29")

    assert found == {"day": "2026-11-29", "checked": 3, "first": "2026-11-26", "problems": []}
    assert await office.do("coverage.statement.days") == list(DAYS)


async def test_a_statement_somebody_altered_is_named_and_so_is_the_one_that_follows(office):
    row = office.store.now(lambda c: c.execute(select(statements).where(statements.c.day == "2026-11-27")).one())
    better = row.body.replace(b'"state":"unknown"', b'"state":"met"')
    office.store.now(lambda c: c.execute(update(statements).where(statements.c.day == row.day).values(body=better)))

    found = await office.do("coverage.statement.verify", day="2026-11-29")

    assert [problem[:10] for problem in found["problems"]] == ["2026-11-27", "2026-11-29"]
    assert better != row.body


@pytest.mark.parametrize(
    ("altered", "problem"),
    [
        (
            lambda body: body.replace(b'"previous_day":"2026-11-26"', b'"previous_day":"2026-11-29"'),
            "before it is gone",
        ),
        (lambda body: body[:-1], "cannot be read"),
        (lambda body: b"[" * 100_000, "cannot be read"),
        (lambda body: b"{}", "cannot be read"),
    ],
    ids=["leads in a circle", "no JSON", "JSON without end", "nothing"],
)
async def test_one_somebody_altered_leads_nobody_astray(office, altered, problem):
    row = office.store.now(lambda c: c.execute(select(statements).where(statements.c.day == "2026-11-27")).one())
    worse = altered(row.body)
    office.store.now(lambda c: c.execute(update(statements).where(statements.c.day == row.day).values(body=worse)))

    found = await office.do("coverage.statement.verify", day="2026-11-29")

    assert worse != row.body
    assert [problem[:10] for problem in found["problems"]] == ["2026-11-27", "2026-11-29", "2026-11-27"]
    assert problem in found["problems"][-1]


async def test_one_somebody_took_away_is_missed(office):
    office.store.now(lambda c: c.execute(delete(statements).where(statements.c.day == "2026-11-27")))

    (problem,) = (await office.do("coverage.statement.verify", day="2026-11-29"))["problems"]

    assert problem == "2026-11-29: the statement of 2026-11-27 before it is gone"


async def test_another_key_signed_none_of_them(office, tmp_path):
    other = seal.open_seal(tmp_path / "other.key").public_pem

    found = await office.do("coverage.statement.verify", day="2026-11-29", public_key=other)

    assert len(found["problems"]) == 3


async def test_a_day_without_a_statement_is_refused_with_the_newest_there_is(office):
    with pytest.raises(RefusedError, match="the newest is that of 2026-11-29"):
        await office.do("coverage.statement.show", day="2026-11-28")
