# SPDX-License-Identifier: Apache-2.0
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.messages.accounts import _FORMS, MEMBERS_MOST, Accounts
from support.entries import parsed


def of(program, *texts):
    return [
        (kind, {name: value for name, value in fields.items() if not name.startswith("event.")})
        for kind, fields in parsed(Accounts(), program, *texts)
    ]


@pytest.mark.parametrize(
    ("program", "text", "kind", "fields"),
    [
        (
            "useradd",
            "new user: name=an, UID=0, GID=1001, home=/home/an, shell=/bin/sh, from=/dev/pts/0",
            "user-account-created",
            {"user.target.name": "an", "user.target.id": "0"},
        ),
        (
            "usermod",
            "change user 'an' UID from '1001' to '0'",
            "user-account-changed",
            {"user.target.name": "an", "user.target.id": "0"},
        ),
        (
            "systemd-sysusers",
            "Creating user 'an' (A service) with UID 998 and GID 998.",
            "user-account-created",
            {"user.target.name": "an", "user.target.id": "998"},
        ),
        ("useradd", "new group: name=an, GID=7", "group-created", {"group.name": "an", "group.id": "7"}),
        ("userdel", "delete user 'an'", "user-account-deleted", {"user.target.name": "an"}),
        ("userdel", "removed group 'an' owned by 'an'", "group-deleted", {"group.name": "an"}),
        ("groupdel", "group 'an' removed", "group-deleted", {"group.name": "an"}),
        (
            "usermod",
            "add 'an' to group 'sudo'",
            "group-membership-added",
            {"user.target.name": "an", "group.name": "sudo"},
        ),
        (
            "usermod",
            "delete 'an' from group 'sudo'",
            "group-membership-removed",
            {"user.target.name": "an", "group.name": "sudo"},
        ),
        (
            "gpasswd",
            "user an added by root to group sudo",
            "group-membership-added",
            {"user.target.name": "an", "user.name": "root", "group.name": "sudo"},
        ),
        (
            "gpasswd",
            "user an removed by root from group sudo",
            "group-membership-removed",
            {"user.target.name": "an", "user.name": "root", "group.name": "sudo"},
        ),
        ("usermod", "change user name 'an' to 'binh'", "user-account-changed", {"user.target.name": "an"}),
        ("usermod", "lock user 'an' password", "user-account-changed", {"user.target.name": "an"}),
        ("usermod", "unlock user 'an' password", "user-account-changed", {"user.target.name": "an"}),
        ("usermod", "change user 'an' password", "user-password-changed", {"user.target.name": "an"}),
        ("chsh", "changed user 'an' shell to '/bin/bash'", "user-account-changed", {"user.target.name": "an"}),
        ("chage", "changed password expiry for an", "user-account-changed", {"user.target.name": "an"}),
        (
            "passwd",
            "password for 'an' changed by 'root'",
            "user-password-changed",
            {"user.target.name": "an", "user.name": "root"},
        ),
    ],
)
def test_a_change_names_what_was_changed(program, text, kind, fields):
    assert of(program, text) == [(kind, fields)]


def test_one_change_told_for_every_file_is_one():
    made = of(
        "groupadd",
        "group added to /etc/group: name=staff2, GID=1002",
        "group added to /etc/gshadow: name=staff2",
        "new group: name=staff2, GID=1002",
    )
    removed = of(
        "groupdel",
        "group 'staff2' removed from /etc/group",
        "group 'staff2' removed from /etc/gshadow",
        "group 'staff2' removed",
    )
    joined = of("usermod", "add 'an' to group 'sudo'", "add 'an' to shadow group 'sudo'")
    by_gpasswd = of(
        "gpasswd", "user an added by root to group sudo in /etc/gshadow", "user an added by root to group sudo"
    )

    assert [len(found) for found in (made, removed, joined, by_gpasswd)] == [1, 1, 1, 1]


def test_an_account_that_could_not_be_made_is_a_failure():
    ((_, fields),) = parsed(Accounts(), "useradd", "failed adding user 'an', exit code: 9")

    assert (fields["event.outcome"], fields["user.target.name"]) == ("failure", "an")


def test_members_set_together_are_told_one_by_one_up_to_a_bound():
    found = of("gpasswd", "members of group sudo set by root to " + ",".join(f"u{n}" for n in range(1_000)))

    assert len(found) == MEMBERS_MOST
    assert found[1][1] == {"user.target.name": "u1", "group.name": "sudo", "user.name": "root"}


@given(st.sampled_from([start for start, _, _ in _FORMS]), st.text())
def test_whatever_is_said_gives_at_most_one_change(start, rest):
    assert len(of("useradd", start + rest)) <= 1


@given(st.data())
def test_every_form_is_understood_with_any_name_it_allows(data):
    start, form, kind = data.draw(st.sampled_from(_FORMS))
    text = data.draw(st.from_regex(re.compile(form.pattern, re.ASCII), fullmatch=True).filter(lambda t: len(t) < 500))

    assert text.startswith(start)
    assert kind in {found for found, _ in of("useradd", text)} | {"user-account-changed"}
