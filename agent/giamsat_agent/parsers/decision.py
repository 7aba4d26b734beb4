# SPDX-License-Identifier: Apache-2.0
"""What a device that no product file describes decided of a connection, or found: told by names that anybody uses.

Who talks to whom must be known and the decision must be one plain word, so that a text about decisions is none. Names
are compared as well_known compares them.
"""

from collections.abc import Mapping
from typing import Final

from giamsat_agent.message import FAILURE, SUCCESS, Meaning
from giamsat_wire.record import FieldValue

NAMES: Final = ("action", "act", "deviceaction", "disposition", "verdict", "fwaction", "ruleaction", "policyaction")
"""Values that hold a decision, the surest first."""
FINDINGS: Final = ("virusname", "malwarename", "virus", "malware")
"""Values that name malicious software."""
_DENIED: Final = frozenset(
    {
        "deny", "denied", "drop", "dropped", "block", "blocked", "reject", "rejected", "reset", "discard", "discarded",
        "refused", "prevent", "prevented",
    }
)  # fmt: skip
_ALLOWED: Final = frozenset({"allow", "allowed", "accept", "accepted", "permit", "permitted", "pass", "passed"})
_NOTHING: Final = frozenset(
    {"", "-", "0", "no", "none", "n/a", "null", "false", "clean", "ok", "true", "yes", "unknown"}
)
_ENDS: Final = frozenset({"source.ip", "destination.ip"})


def of_values(said: Mapping[str, str], known: Mapping[str, FieldValue]) -> Meaning | None:
    """What values mean: `said` by their compared names, `known` the ECS fields they are."""
    found = next((said[name] for name in FINDINGS if said.get(name, "").strip().lower() not in _NOTHING), None)
    if found is not None and not found.isdecimal():
        return Meaning("malware-detected", {**known, "threat.name": found})
    decision = next((said[name].strip().lower() for name in NAMES if name in said), "")
    if not known.keys() >= _ENDS:
        return None
    if decision in _DENIED:
        return Meaning("connection-denied", {**known, "event.outcome": FAILURE})
    return Meaning("connection-allowed", {**known, "event.outcome": SUCCESS}) if decision in _ALLOWED else None
