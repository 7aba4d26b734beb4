# SPDX-License-Identifier: Apache-2.0
"""Messages of systemd's first process: services started, stopped and failed.

The journal names the unit and the kind of message (systemd's sd-messages.h); a text log has only the sentence, and
only systemd 249 and later put the unit's name into it.
"""

from collections.abc import Iterable
from typing import Final

from giamsat_agent.log import Entry
from giamsat_agent.message import FAILURE, SUCCESS, Meaning
from giamsat_wire.record import FieldValue

PROGRAMS: Final = ("systemd",)
KINDS: Final = {
    "39f53479d3a045ac8e11786248231fbf": "service-started",
    "9d1aaa27d60140bd96365438aad20286": "service-stopped",
    "d9b373ed55a64feb8242e02dbe79a49c": "service-failed",
}
"""MESSAGE_IDs: a start job done, a stop job done, a unit that entered the failed state."""
_FAILED: Final = ": Failed with result '"
_VERBS: Final = {"Started": "service-started", "Stopped": "service-stopped"}


class Systemd:
    """Understands systemd."""

    def parse(self, entry: Entry) -> Iterable[Meaning]:
        """What one message says happened."""
        if entry.pid != 1:
            return ()
        kind, unit, result = _by_identity(entry) or _by_sentence(entry.text)
        if not kind or not unit.endswith(".service"):
            return ()
        fields: dict[str, FieldValue] = {"service.name": unit}
        fields["event.outcome"] = FAILURE if kind == "service-failed" else SUCCESS
        if result:
            fields["event.reason"] = result
        return (Meaning(kind, fields),)


def _by_identity(entry: Entry) -> tuple[str, str, str] | None:
    """What the journal's own fields say; None when it has none."""
    unit = entry.attested.get("UNIT")
    identity = entry.attested.get("MESSAGE_ID")
    if unit is None or identity is None:
        return None
    kind = KINDS.get(identity, "")
    # A oneshot unit that ran to its end, or was skipped, comes under the same MESSAGE_ID; it is nobody's service.
    if kind == "service-started" and not entry.text.startswith("Started "):
        kind = ""
    return kind, unit, entry.attested.get("UNIT_RESULT", "") if kind == "service-failed" else ""


def _by_sentence(text: str) -> tuple[str, str, str]:
    """What the sentence says; empty texts when it says nothing of interest."""
    if text.endswith("'.") and _FAILED in text:
        unit, _, result = text.removesuffix("'.").partition(_FAILED)
        return ("service-failed", unit, result) if " " not in unit else ("", "", "")
    verb, _, rest = text.partition(" ")
    return _VERBS.get(verb, ""), rest.partition(" ")[0].removesuffix("."), ""
