# SPDX-License-Identifier: Apache-2.0
"""Messages of su, as util-linux, shadow-utils, BSD, AIX and Solaris write them: who became another, or was refused."""

import re
from collections.abc import Iterable
from typing import Final

from giamsat_agent.log import Entry
from giamsat_agent.message import FAILURE, SUCCESS, Meaning

PROGRAMS: Final = ("su", "su-l")
_AIX: Final = re.compile(r"(?:BAD SU )?from (?P<user>\S{1,256}) to (?P<target>\S{1,256}) at \S{1,256}")
_SOLARIS: Final = re.compile(r"'su (?P<target>[^']{1,256})' (?:failed|succeeded) for (?P<user>\S{1,256}) on \S{1,256}")


class Su:
    """Understands su."""

    def parse(self, entry: Entry) -> Iterable[Meaning]:
        """What one message says happened."""
        text = entry.text
        failed = text.startswith("FAILED ")
        if (other := _AIX.fullmatch(text) or _SOLARIS.fullmatch(text)) is not None:
            target, user = other["target"], other["user"]
            failed = text.startswith("BAD ") or "' failed for " in text
        elif text.startswith(("(to ", "FAILED SU (to ")):
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
