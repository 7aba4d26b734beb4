# SPDX-License-Identifier: Apache-2.0
"""What an administrator can have done about the accounts of the console."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from giamsat_collector.control.server import Command


class Accounts(Protocol):
    """Whoever keeps the accounts. An account is told as JSON; a new secret stands beside it, this once."""

    async def every(self) -> list[dict[str, Any]]:
        """All there are."""
        ...

    async def add(self, name: str, role: str, person: str = "") -> dict[str, Any]:
        """A new one, with a secret."""
        ...

    async def reset(self, name: str) -> dict[str, Any]:
        """A new secret."""
        ...

    async def disable(self, name: str, *, dry_run: bool = False) -> dict[str, Any]:
        """Out."""
        ...

    async def enable(self, name: str) -> dict[str, Any]:
        """In again."""
        ...

    async def role(self, name: str, role: str, *, dry_run: bool = False) -> dict[str, Any]:
        """Another role."""
        ...

    async def person(self, name: str, person: str, *, dry_run: bool = False) -> dict[str, Any]:
        """Whose it is."""
        ...


@dataclass(frozen=True, slots=True)
class AccountsCommands:
    """Commands of the administration socket about accounts; the console keeps them.

    `first_login` gives a secret for the first login, until somebody has chosen a password.
    """

    accounts: Accounts
    first_login: Callable[[], Awaitable[str | None]]

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "accounts.list": self.accounts.every,
            "accounts.add": self.accounts.add,
            "accounts.reset": self.accounts.reset,
            "accounts.disable": self.accounts.disable,
            "accounts.enable": self.accounts.enable,
            "accounts.role": self.accounts.role,
            "accounts.person": self.accounts.person,
            "console.first_login": self.first_login,
        }
