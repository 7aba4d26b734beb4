# SPDX-License-Identifier: Apache-2.0
import inspect

import pytest

from giamsat_collector.control.caller import Caller
from giamsat_collector.control.witness import CHANGES, Witness
from giamsat_collector.itself import ADMINISTERED
from support.office import Office

ASKING_ONLY = {"alerts.move", "spool.piece", "spool.receipt", "suppress.check", "suppress.preview"} | {
    f"incidents.{name}" for name in ("check", "open", "move")
}
"""Commands that want to know who asks, and change nothing but what has a history of its own."""
TOLD_ELSEWHERE = {"indicators.import", "indicators.remove", "enrol.agree"}
"""What these stand on tells of them: the console does it, too, or a file with problems changed nothing."""
BY = {"actor", "author", "caller", "dry_run"}
AN = Caller("an", person=True)


@pytest.fixture
def told():
    return []


@pytest.fixture
def witness(told):
    async def tell(kind, fields):
        told.append((kind, dict(fields)))

    return Witness(tell)


def test_what_wants_to_know_who_asks_or_can_be_tried_first_is_told_of(tmp_path):
    office = Office(tmp_path)
    commands = office.actions.commands()

    asking = {name for name, command in commands.items() if BY & set(inspect.signature(command).parameters)}

    office.console.close()
    assert asking - ASKING_ONLY - TOLD_ELSEWHERE <= CHANGES <= set(commands)


async def test_a_change_is_told_with_who_made_it(witness, told):
    await witness.saw("rules.back", {}, AN)

    assert told == [(ADMINISTERED, {"giamsat.command": "rules.back", "user.name": "an"})]


async def test_a_changed_account_is_told_with_whose_it_is(witness, told):
    await witness.saw("accounts.role", {"name": "binh", "role": "analyst"}, AN)

    said = {"giamsat.command": "accounts.role", "user.name": "an", "user.target.name": "binh"}
    said |= {"user.target.roles": "analyst"}
    assert told == [(ADMINISTERED, said)]


@pytest.mark.parametrize(("command", "arguments"), [("rules.show", {}), ("registry.import", {"dry_run": True})])
async def test_looking_and_trying_are_not_told(witness, told, command, arguments):
    await witness.saw(command, arguments, AN)

    assert told == []
