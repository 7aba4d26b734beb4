# SPDX-License-Identifier: Apache-2.0
"""What administrators have done is an event of the collector, judged by rules and kept as long as its other events."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from giamsat_collector.control.caller import Caller
from giamsat_collector.own_host import ADMINISTERED

ACCOUNTS: Final = frozenset(
    {
        *("accounts.add", "accounts.reset", "accounts.disable", "accounts.enable"),
        *("accounts.role", "accounts.person"),
    }
)
"""Commands that change an account of the console: the event says whose, and what role it was given."""
CHANGES: Final = frozenset(
    {
        *("registry.import", "registry.example", "registry.link", "registry.unlink"),
        *("rules.use", "rules.use_bundle", "rules.use_configured", "rules.back"),
        *("suppress.add", "suppress.agree", "suppress.end"),
        *("availability.declare", "availability.agree", "availability.withdraw", "coverage.attest"),
        *("enrol.issue", "enrol.letters", "enrol.withdraw", "enrol.revoke"),
        *("enrol.carried", "enrol.recover", "authority.follow", "authority.publish", "console.first_login"),
        *ACCOUNTS,
    }
)
"""Commands that change who is watched, by what, what is shown, or who is let in. Alerts and incidents have histories.

What is done in the console is told where it is done; so is `enrol.agree` in either place.
"""
Tell = Callable[[str, Mapping[str, str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """Tells of each command that was carried out and changed something."""

    tell: Tell

    async def saw(self, command: str, arguments: Mapping[str, Any], who: Caller) -> None:
        """A command was carried out by somebody."""
        if command in CHANGES and not arguments.get("dry_run"):
            await self.tell(
                ADMINISTERED, {"giamsat.command": command, "user.name": who.name, **_whose(command, arguments)}
            )


def _whose(command: str, arguments: Mapping[str, Any]) -> Mapping[str, str]:
    """Whose account was changed, and what it was made, for a command that changes one."""
    named = {"user.target.name": "name", "user.target.roles": "role"} if command in ACCOUNTS else {}
    return {field: str(arguments[word]) for field, word in named.items() if word in arguments}
