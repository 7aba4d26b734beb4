# SPDX-License-Identifier: Apache-2.0
"""The contract of everything that understands one program's log messages.

Understanding is pure: text in, meanings out. The text is hostile: names of users and hosts are chosen by whoever
tries to log in, so a parser reads a message from the end that its program wrote itself, and where two readings are
possible it says nothing rather than something forged.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

import msgspec

from giamsat_agent.log import Entry
from giamsat_wire.record import FieldValue

SUCCESS: Final = "success"
FAILURE: Final = "failure"


class Meaning(msgspec.Struct, frozen=True):
    """What one message says happened: the event's kind and its own fields."""

    kind: str
    fields: Mapping[str, FieldValue] = {}


class Parser(Protocol):
    """Understands the messages of one program; may remember a bounded amount of what came before."""

    def parse(self, entry: Entry) -> Iterable[Meaning]:
        """What the entry says happened; nothing when it says nothing of interest. Never raises."""
        ...
