# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.messages.sudo import Sudo
from support.entries import parsed


def of(text):
    return parsed(Sudo(), "sudo", text)


def test_a_command_names_who_for_whom_and_what():
    found = of("      an : TTY=pts/0 ; PWD=/home/an ; USER=root ; COMMAND=/usr/bin/apt update")

    assert found == [
        (
            "sudo-command",
            {
                "event.outcome": "success",
                "user.name": "an",
                "user.effective.name": "root",
                "process.command_line": "/usr/bin/apt update",
                "process.executable": "/usr/bin/apt",
            },
        )
    ]


@pytest.mark.parametrize(
    "reason",
    ["user NOT in sudoers", "command not allowed", "a password is required", "1 incorrect password attempt"],
)
def test_a_refusal_says_why(reason):
    ((_, fields),) = of(f"an : {reason} ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id")

    assert (fields["event.outcome"], fields["event.reason"]) == ("failure", reason)


def test_wrong_passwords_are_numbered():
    ((_, fields),) = of("an : 3 incorrect password attempts ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id")

    assert fields["giamsat.attempts"] == 3


def test_a_folder_that_looks_like_fields_does_not_hide_root():
    ((_, fields),) = of("an : PWD=/tmp/x ; USER=nobody ; COMMAND=y ; USER=root ; COMMAND=/usr/bin/id")

    assert fields["user.effective.name"] == "root"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "an : (command continued) /etc/shadow",
        "pam_unix(sudo:session): session opened for user root(uid=0) by (uid=1000)",
        "unable to resolve host web1",
        "an : problem with defaults entries ; TTY=pts/0 ; PWD=/",
    ],
)
def test_what_is_no_command_says_nothing(text):
    assert of(text) == []


@given(st.lists(st.sampled_from([" : ", " ; ", "USER=root", "USER=", "COMMAND=", "PWD=/", "TTY=", "é"])).map("".join))
def test_whatever_is_said_gives_at_most_one_command(text):
    assert len(of(text)) <= 1
