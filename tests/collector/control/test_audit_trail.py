# SPDX-License-Identifier: Apache-2.0
import inspect

import pytest

from giamsat_collector.control.audit_trail import CHANGES, AuditTrail
from giamsat_collector.control.caller import Caller
from giamsat_collector.own_host import ADMINISTERED
from support.office import Office

READING = {
    *("agents", "assets", "check", "days", "declared", "entries", "evidence", "key", "ledger", "list", "log"),
    *("overrides", "placements", "preview", "search", "sender", "show", "sightings", "sources", "statement", "status"),
    *("systems", "units", "verify", "waiting"),
}
"""Last words of the commands that only show something; so do all reports."""
TOLD_ELSEWHERE = {
    *("indicators.import", "indicators.remove", "enrol.agree"),  # told where they are done: the console can, too
    *("alerts.move", "incidents.open", "incidents.move"),  # with a history of its own
    *("spool.piece", "spool.receipt"),  # frames, as an agent's stream brings them
    *("backup.taken", "notify.test"),  # nothing is changed but what is known of backups, and a message goes out
}
AN = Caller("an", person=True)


@pytest.fixture
def told():
    return []


@pytest.fixture
def audit_trail(told):
    async def tell(kind, fields):
        told.append((kind, dict(fields)))

    return AuditTrail(tell)


def test_every_command_is_told_of_or_only_shows_something_or_is_told_of_elsewhere(tmp_path):
    office = Office(tmp_path)
    commands = set(office.commands)
    office.console.close()

    shown = {name for name in commands if name.startswith("report.") or name.rpartition(".")[2] in READING}
    assert shown & (CHANGES | TOLD_ELSEWHERE) == CHANGES & TOLD_ELSEWHERE == set()
    assert commands - shown - TOLD_ELSEWHERE == CHANGES


def test_no_command_has_its_client_say_who_asks(tmp_path):
    office = Office(tmp_path)
    telling = {"actor", "author", "by", "who"}

    assert [name for name, one in office.commands.items() if telling & set(inspect.signature(one).parameters)] == []
    office.console.close()


async def test_a_change_is_told_with_who_made_it(audit_trail, told):
    await audit_trail.saw("rules.back", {}, AN)

    assert told == [(ADMINISTERED, {"giamsat.command": "rules.back", "user.name": "an"})]


async def test_a_changed_account_is_told_with_whose_it_is(audit_trail, told):
    await audit_trail.saw("accounts.role", {"name": "binh", "role": "analyst"}, AN)

    said = {"giamsat.command": "accounts.role", "user.name": "an", "user.target.name": "binh"}
    said |= {"user.target.roles": "analyst"}
    assert told == [(ADMINISTERED, said)]


@pytest.mark.parametrize(("command", "arguments"), [("rules.show", {}), ("registry.import", {"dry_run": True})])
async def test_looking_and_trying_are_not_told(audit_trail, told, command, arguments):
    await audit_trail.saw(command, arguments, AN)

    assert told == []
