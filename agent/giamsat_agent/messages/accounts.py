# SPDX-License-Identifier: Apache-2.0
"""Messages of the tools that change accounts, groups and passwords: shadow-utils and systemd-sysusers.

Each change is told once for every file it goes to (/etc/passwd, /etc/group, /etc/gshadow); only the line without a
file's name, or the one of the ordinary group, counts. Names stand in these messages after root or an administrator
gave them to the tool, which refuses odd ones.
"""

import re
from collections.abc import Iterable
from typing import Final

from giamsat_agent.log import Entry
from giamsat_agent.message import FAILURE, SUCCESS, Meaning
from giamsat_wire.record import FieldValue

PROGRAMS: Final = (
    "useradd", "userdel", "usermod", "groupadd", "groupdel", "groupmod", "gpasswd", "passwd", "chage", "chsh", "chfn",
    "chpasswd", "systemd-sysusers",
)  # fmt: skip

MEMBERS_MOST: Final = 64
"""Members of one line that become events."""

_NAME: Final = r"(?P<{}>[^' ,]{{1,256}})"
_USER: Final = _NAME.format("user")
_GROUP: Final = _NAME.format("group")
_BY: Final = _NAME.format("by")
_FORMS: Final = tuple(
    (start, re.compile(form), kind)
    for start, form, kind in (
        ("new user: ", rf"new user: name={_USER}, UID=(?P<uid>\d{{1,10}}),.*", "user-account-created"),
        ("new group: ", rf"new group: name={_GROUP}, GID=(?P<gid>\d{{1,10}})", "group-created"),
        ("failed adding user ", rf"failed adding user '{_USER}'.*", "user-account-created"),
        ("Creating user ", rf"Creating user '{_USER}' .* with UID (?P<uid>\d{{1,10}}) .*", "user-account-created"),
        ("Creating group ", rf"Creating group '{_GROUP}' with GID (?P<gid>\d{{1,10}})\.", "group-created"),
        ("delete user ", rf"delete user '{_USER}'", "user-account-deleted"),
        ("removed group ", rf"removed group '{_GROUP}' owned by '[^']*'", "group-deleted"),
        ("group ", rf"group '{_GROUP}' removed", "group-deleted"),
        ("add ", rf"add '{_USER}' to group '{_GROUP}'", "group-membership-added"),
        ("delete ", rf"delete '{_USER}' from group '{_GROUP}'", "group-membership-removed"),
        ("user ", rf"user {_USER} added by {_BY} to group {_GROUP}", "group-membership-added"),
        ("user ", rf"user {_USER} removed by {_BY} from group {_GROUP}", "group-membership-removed"),
        ("change user ", rf"change user '{_USER}' password", "user-password-changed"),
        (
            "change user ",
            rf"change user '{_USER}' UID from '\d{{1,10}}' to '(?P<uid>\d{{1,10}})'",
            "user-account-changed",
        ),
        ("change user ", rf"change user '{_USER}' .*", "user-account-changed"),
        ("change user name ", rf"change user name '{_USER}' to .*", "user-account-changed"),
        ("lock user ", rf"lock user '{_USER}' password", "user-account-changed"),
        ("unlock user ", rf"unlock user '{_USER}' password", "user-account-changed"),
        ("changed user ", rf"changed user '{_USER}' .*", "user-account-changed"),
        ("changed password expiry for ", rf"changed password expiry for {_USER}", "user-account-changed"),
        ("password for ", rf"password for '{_USER}' changed by '{_BY}'", "user-password-changed"),
    )
)
_FIELDS: Final = {
    "user": "user.target.name",
    "uid": "user.target.id",
    "group": "group.name",
    "gid": "group.id",
    "by": "user.name",
}


class Accounts:
    """Understands the tools that change accounts."""

    def parse(self, entry: Entry) -> Iterable[Meaning]:
        """What one message says happened."""
        text = entry.text
        for start, form, kind in _FORMS:
            if text.startswith(start) and (found := form.fullmatch(text)):
                fields: dict[str, FieldValue] = {_FIELDS[name]: value for name, value in found.groupdict().items()}
                fields["event.outcome"] = FAILURE if text.startswith("failed ") else SUCCESS
                if kind == "user-account-changed":
                    fields["event.reason"] = text
                return (Meaning(kind, fields),)
        if text.startswith("members of group "):
            return tuple(_members_set(text))
        return ()


def _members_set(text: str) -> Iterable[Meaning]:
    """`members of group G set by U to A,B,C`: who is a member from now on, at most MEMBERS_MOST of them."""
    group, _, rest = text.removeprefix("members of group ").partition(" set by ")
    by, found, members = rest.partition(" to ")
    if not found or " in /" in members:
        return
    for member in members.split(",")[:MEMBERS_MOST]:
        if member:
            yield Meaning(
                "group-membership-added",
                {"event.outcome": SUCCESS, "user.target.name": member, "group.name": group, "user.name": by},
            )
