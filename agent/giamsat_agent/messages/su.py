# SPDX-License-Identifier: Apache-2.0
"""Messages of su, as util-linux, shadow-utils and BSD write them: users who became others, or were refused."""

from collections.abc import Iterable
from typing import Final

from giamsat_agent.log import Entry
from giamsat_agent.message import FAILURE, SUCCESS, Meaning

PROGRAMS: Final = ("su", "su-l")


class Su:
    """Understands su."""

    def parse(self, entry: Entry) -> Iterable[Meaning]:
        """What one message says happened."""
        text = entry.text
        failed = text.startswith("FAILED ")
        if text.startswith(("(to ", "FAILED SU (to ")):
            target, user = _util_linux(text)
        elif text.startswith("BAD SU "):
            failed = True
            user, _, target = text.removeprefix("BAD SU ").rpartition(" on ")[0].partition(" to ")
        elif text.startswith(("Successful su for ", "FAILED su for ")):
            target, _, user = text.partition(" su for ")[2].rpartition(" by ")
        else:
            return ()
        if not target or not user:
            return ()
        outcome = FAILURE if failed else SUCCESS
        return (Meaning("user-switched", {"event.outcome": outcome, "user.name": user, "user.effective.name": target}),)


def _util_linux(text: str) -> tuple[str, str]:
    """Target and user of `[FAILED SU ](to TARGET) USER on TTY`."""
    names, _, _ = text.partition("(to ")[2].rpartition(" on ")
    target, _, user = names.partition(") ")
    return target, user
