# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from giamsat_collector.console.accounts import Accounts
from giamsat_collector.control.accounts import AccountsCommands
from giamsat_collector.errors import RefusedError
from support.console import Console
from support.console_line import line

LOGINS = {"nguyen.an"}
STATUS = {"console": "https://soc.example:8443/"}


async def nobody():
    """The secret of a first login that nobody asks for here."""


@pytest.fixture
def here(tmp_path):
    """A command line whose collector keeps real accounts."""
    console = Console()
    kept = AccountsCommands(
        Accounts(console.store, console.clock, console.passwords, console.services.draw, LOGINS.__contains__), nobody
    )
    commands = {name.replace(".", "__"): command for name, command in kept.commands().items()}
    with line(tmp_path, status=STATUS, **commands) as line_:
        yield line_
    console.close()


def test_from_the_first_administrator_to_the_last(here):
    nobody = here.run("accounts", "list")
    first = here.run("accounts", "add", "an", "--role", "administrator")
    here.run("accounts", "add", "binh", "--role", "analyst")
    refused = here.run("accounts", "disable", "an")
    here.run("accounts", "role", "binh", "--role", "administrator")
    out = here.run("accounts", "disable", "an")
    listed = here.run("accounts", "list")

    assert "accounts add NAME --role administrator" in nobody.stderr
    assert first.stdout == "token-1\n"
    assert "an: quản trị / administrator, chưa chọn mật khẩu / no password yet" in first.stderr
    assert "choose a password: https://soc.example:8443/" in first.stderr
    assert "last administrator" in str(refused.exception)
    assert "an: quản trị / administrator, bị khóa / disabled" in out.stderr
    assert [row.split()[0] for row in listed.stdout.splitlines()] == ["an", "binh"]


def test_a_secret_is_also_json_and_one_of_somebody_who_is_out_says_what_is_missing(here):
    here.run("accounts", "add", "an", "--role", "administrator")
    added = json.loads(here.run("accounts", "add", "binh", "--role", "analyst", "--json").stdout)
    here.run("accounts", "disable", "binh")
    again = here.run("accounts", "reset", "binh")
    back = here.run("accounts", "enable", "binh")
    rows = [json.loads(row) for row in here.run("accounts", "list", "--json").stdout.splitlines()]

    assert (added["name"], added["role"], added["secret"]) == ("binh", "analyst", "token-2")
    assert (again.stdout, "accounts enable binh" in again.stderr) == ("token-3\n", True)
    assert "disabled" not in back.stderr
    assert [(one["name"], one["disabled"]) for one in rows] == [("an", False), ("binh", False)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["disable", "bihn"], "did you mean binh"),
        (["role", "binh", "--role", "analist"], "did you mean analyst"),
        (["person", "binh", "nguyen.ann"], "no such account or login of this host"),
        (["add", "an2", "--role", "analyst", "--person", "bihn"], "did you mean binh"),
        (["add", "Bình", "--role", "analyst"], "cannot be a name"),
    ],
)
def test_what_is_misspelt_is_refused_with_what_was_meant(here, words, said):
    here.run("accounts", "add", "binh", "--role", "administrator")

    result = here.run("accounts", *words)

    assert isinstance(result.exception, RefusedError)
    assert said in str(result.exception)


def test_a_change_can_be_tried_first_and_a_list_says_whose_an_account_is(here):
    here.run("accounts", "add", "an", "--role", "administrator")
    here.run("accounts", "add", "an2", "--role", "analyst", "--person", "nguyen.an")
    tried = here.run("accounts", "disable", "an2", "--dry-run")
    raised = here.run("accounts", "role", "an2", "--role", "administrator", "--dry-run")
    listed = here.run("accounts", "list").stdout

    assert "bị khóa / disabled" in tried.stderr
    assert "nothing was changed" in tried.stderr
    assert "quản trị / administrator" in raised.stderr
    assert "an2 (nguyen.an)" in listed
    assert "disabled" not in listed


def test_an_account_that_is_there_already_says_whose_it_is(here):
    here.run("accounts", "add", "an", "--role", "administrator")
    here.run("accounts", "add", "an2", "--role", "analyst")
    tried = here.run("accounts", "person", "an2", "an", "--dry-run")
    before = here.run("accounts", "list").stdout
    said = here.run("accounts", "person", "an2", "an")

    assert "an2 (an): trực cảnh báo / analyst" in tried.stderr
    assert "nothing was changed" in tried.stderr
    assert "an2 (an)" not in before
    assert ("an2 (an)" in said.stderr, "nothing was changed" in said.stderr) == (True, False)
    assert "an2 (an)" in here.run("accounts", "list").stdout
