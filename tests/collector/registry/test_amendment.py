# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import fact_ledger
from giamsat_collector.registry.fact_ledger import Telling
from giamsat_collector.registry.intake import File
from giamsat_collector.registry.preview import Seen
from support.console import Console

BY = Telling("an", "merge", "12/NQ")


@pytest.fixture
def console():
    console = Console()
    console.place("A1", unit="u1")
    console.place("A2", unit="u2")
    yield console
    console.close()


def merger(unit="u1"):
    return {"changes": File("form", f"effective,operation,id,to,value\n2020-01-01,merge,{unit},u2,\n".encode())}


async def test_a_plan_writes_nothing_and_what_is_carried_out_is_known_at_once(console):
    amending = console.services.amending
    plan = await amending.plan(merger())
    assert set(console.registry.units) == {"u1", "u2"}

    assert await amending.carry_out(merger(), BY) == plan
    assert set(console.registry.units) == {"u2"}
    assert console.registry.placement("A1").unit == "u2"
    (told,) = (row for row in console.store.now(lambda rows: fact_ledger.told(rows, 10)) if row["actor"])
    assert (told["actor"], told["document"]) == ("an", "12/NQ")


async def test_with_a_problem_nothing_is_written(console):
    plan = await console.services.amending.carry_out(merger("nobody"), BY)

    assert [problem.field for problem in plan.problems] == ["id"]
    assert set(console.registry.units) == {"u1", "u2"}


def written(console):
    return [row["actor"] for row in console.store.now(lambda rows: fact_ledger.told(rows, 10)) if row["actor"]]


async def test_what_was_agreed_to_is_done_once_and_nothing_in_its_place(console):
    """Two people look at the same preview and both say yes: for the second one nothing is left to do."""
    amending = console.services.amending
    seen = Seen(["u1"], (await amending.preview(merger(), ["u1"], "2020-01-01")).mark)
    await amending.carry_out(merger(), BY, "2020-01-01", seen)

    for late in (seen, Seen(["u1"], "")):
        with pytest.raises(RefusedError, match="look at the preview again"):
            await amending.carry_out(merger(), BY, "2020-01-01", late)

    assert written(console) == ["an"]


async def test_what_has_another_host_by_now_is_not_what_was_agreed_to(console):
    amending = console.services.amending
    seen = Seen(["u1"], (await amending.preview(merger(), ["u1"], "2020-01-01")).mark)
    console.place("A3", unit="u1", level=None)

    with pytest.raises(RefusedError, match="look at the preview again"):
        await amending.carry_out(merger(), BY, "2020-01-01", seen)

    assert written(console) == []
