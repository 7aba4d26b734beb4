# SPDX-License-Identifier: Apache-2.0
"""Messages of sudo: commands run, and refused.

The form is `USER : [REASON ; ][HOST=… ; ]TTY=… ; PWD=… ; USER=… ; … COMMAND=…` (sudoers(5), LOG FORMAT). The folder and
the command are the caller's, and may look like further fields.
"""

from collections.abc import Iterable
from typing import Final

from giamsat_agent.log import Entry
from giamsat_agent.message import FAILURE, SUCCESS, Meaning
from giamsat_wire.record import FieldValue

PROGRAMS: Final = ("sudo", "sudo-rs")
_KEYS: Final = ("HOST=", "TTY=", "CHROOT=", "PWD=", "USER=", "GROUP=", "TSID=", "ENV=", "COMMAND=")
_ATTEMPTS: Final = (" incorrect password attempt", " incorrect password attempts")
_DIGITS: Final = 4


class Sudo:
    """Understands sudo."""

    def parse(self, entry: Entry) -> Iterable[Meaning]:
        """What one message says happened."""
        user, found, rest = entry.text.strip(" ").partition(" : ")
        if not found or rest.startswith("(command continued)"):
            return ()
        head, runs, command = rest.partition("COMMAND=")
        if not runs or (head and not head.endswith(" ; ")):
            return ()
        reason = "" if head.startswith(_KEYS) else head.partition(" ; ")[0]
        fields: dict[str, FieldValue] = {
            "event.outcome": FAILURE if reason else SUCCESS,
            "user.name": user.strip(" "),
            "process.command_line": command,
            "process.executable": command.partition(" ")[0],
        }
        if target := target_user(rest):
            fields["user.effective.name"] = target
        if reason:
            fields["event.reason"] = reason
            fields |= _attempts(reason)
        return (Meaning("sudo-command", fields),)


def target_user(rest: str) -> str:
    """Whose rights the command got; "" when the line does not say.

    A folder or a command can hold a second `USER=`. Nobody can tell which is true, so the mightier is believed.
    """
    named = [part.partition(" ; ")[0] for part in f" ; {rest}".split(" ; USER=")[1:]]
    return "root" if "root" in named else next(iter(named), "")


def _attempts(reason: str) -> dict[str, FieldValue]:
    """How many passwords were wrong."""
    number = reason.partition(" ")[0]
    if not reason.endswith(_ATTEMPTS) or not number.isascii() or not number.isdecimal() or len(number) > _DIGITS:
        return {}
    return {"giamsat.attempts": int(number)}
