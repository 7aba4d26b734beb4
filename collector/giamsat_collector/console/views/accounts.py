# SPDX-License-Identifier: Apache-2.0
"""What the page of accounts prints."""

from dataclasses import dataclass
from typing import Final

from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.role import Role
from giamsat_collector.console.users import User
from giamsat_collector.console.views import words

ROLES: Final = {Role.ANALYST: "trực cảnh báo", Role.ADMINISTRATOR: "quản trị"}


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account. `person` is empty where the name says whose it is; `login` is None for who never came in."""

    name: str
    person: str
    role: str
    state: str
    out: bool
    sessions: str
    login: Moment | None
    created: Moment
    changed: Moment

    @classmethod
    def of(cls, user: User, sessions: int, reader: Reader) -> "AccountRow":
        """An account as it stands, with how many sessions of it are open."""
        waits = "chưa chọn mật khẩu" if user.must_choose else "được vào"
        return cls(
            name=words.visible(user.name),
            person="" if user.person == user.name else words.visible(user.person),
            role=reader.text(ROLES[user.role]),
            state=reader.text("bị khóa" if user.disabled else waits),
            out=user.disabled,
            sessions=reader.number(sessions),
            login=reader.moment(user.login_ns) if user.login_ns else None,
            created=reader.moment(user.created_ns),
            changed=reader.moment(user.changed_ns),
        )
