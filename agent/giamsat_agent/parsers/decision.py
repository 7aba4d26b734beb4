# SPDX-License-Identifier: Apache-2.0
"""What a device that no product file describes decided of a connection, or found: told by names that anybody uses.

Who talks to whom must be known and the decision must be one plain word, so that a text about decisions is none. What
was found must be named, too: the state of a scanner stands under the same names. Names are compared as ecs_aliases
compares them.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from giamsat_agent.message import FAILURE, SUCCESS, Meaning
from giamsat_wire.record import FieldValue

NAMES: Final = ("action", "act", "deviceaction", "disposition", "verdict", "fwaction", "ruleaction", "policyaction")
"""Values that hold a decision, the surest first."""
NAMED: Final = ("virusname", "malwarename")
"""Values that hold the name of malicious software."""
STATED: Final = ("virus", "malware")
"""Values that hold it, or the state of a scanner."""
ATTACKS: Final = ("attackname", "attacktype", "ipsname", "signaturename", "threatname")
"""Values that hold the name of an attack."""
_BESIDE: Final = frozenset(
    {
        *NAMES, "actiontaken", "file", "filename", "filepath", "filehash", "object", "objectname", "host", "hostname",
        "computer", "computername", "device", "devicename", "machine", "endpoint",
    }
)  # fmt: skip
"""Values of which one stands beside a finding: where it was found, or what was done with it."""
_DENIED: Final = frozenset(
    {
        "deny", "denied", "drop", "dropped", "block", "blocked", "reject", "rejected", "reset", "discard", "discarded",
        "refused", "prevent", "prevented",
    }
)  # fmt: skip
_ALLOWED: Final = frozenset({"allow", "allowed", "accept", "accepted", "permit", "permitted", "pass", "passed"})
_NO_NAME: Final = frozenset(
    {
        "a", "access", "active", "all", "allowed", "and", "any", "av", "available", "benign", "blocked", "clean",
        "cleaned", "co", "completed", "có", "date", "deleted", "demand", "detected", "detection", "disabled", "empty",
        "enabled", "error", "fail", "failed", "false", "file", "files", "finished", "found", "free", "has", "hien",
        "hiện", "id", "idle", "in", "inactive", "infected", "infection", "invalid", "is", "khong", "không", "known",
        "malicious", "malware", "n", "na", "name", "nao", "negative", "nil", "no", "none", "normal", "not", "null",
        "nào", "of", "off", "ok", "on", "only", "pass", "passed", "pending", "phat", "phát", "positive", "protected",
        "protection", "quarantined", "read", "real", "removed", "sach", "safe", "scan", "scanned", "scanner",
        "scanning", "secure", "skipped", "state", "success", "sạch", "threat", "threats", "time", "timeout", "to",
        "true", "unavailable", "undefined", "undetected", "unknown", "unscanned", "up", "update", "updated", "virus",
        "virut", "was", "without", "yes",
    }
)  # fmt: skip
"""Words that name no malicious software, however many stand together."""
_DENYING: Final = re.compile(r"(?:no|not|none|nothing|never|without|không|khong)[ _]", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]+")
_NAME: Final = re.compile(r"[A-Za-z][^\s\\,;={}\[\]\"']{2,255}")
_SHAPE: Final = re.compile(r"(?=.*[A-Z\d])[^./:-]+[./:-].*")
_VERSION: Final = re.compile(r"[-/:_]v?\d+\.\d[\d.]*$|//")
_SIGNATURES: Final = re.compile(
    r"\.(?:c[lvu]d|cbc|cdb|[hmn][dsu]b|hsb|ldb|fp|yar|yara|vdb|vdf|vdm|dat|def|sig|bin|db|ini|conf|cfg|log|txt)$",
    re.IGNORECASE,
)
"""How files end that a scanner has: those of signatures, and its own."""
_ENDS: Final = frozenset({"source.ip", "destination.ip"})


def finding(said: Mapping[str, str], known: Mapping[str, FieldValue]) -> Meaning | None:
    """The malicious software or the attack that values name.

    `said` are the values by their whole compared names, `known` the ECS fields they are.

    A name that stands where the state of a scanner may stand has the shape of one, and what it was found in beside it.
    """
    name = next((said[name].strip() for name in NAMED if name in said and _is_name(said[name].strip())), "")
    if not name and said.keys() & _BESIDE:
        held = (said[name].strip() for name in STATED if name in said)
        name = next((each for each in held if _is_name(each) and _NAME.fullmatch(each) and _SHAPE.match(each)), "")
    if name:
        return Meaning("malware-detected", {**known, "threat.name": name})
    attack = next((said[name].strip() for name in ATTACKS if name in said and _is_name(said[name].strip())), "")
    told = bool(attack) and "source.ip" in known and bool(known.keys() & {"destination.ip", "url.original"})
    return Meaning("intrusion-detected", {**known, "threat.name": attack}) if told else None


def _is_name(text: str) -> bool:
    """Whether these words may be a name, and no answer that nothing was found, no version and no file."""
    words = {word.lower() for word in _WORD.findall(unicodedata.normalize("NFC", text[:256]))}
    short = all(len(word) < 3 for word in words)  # noqa: PLR2004 - letters of an abbreviation such as "N.A."
    quiet = short or words <= _NO_NAME or _DENYING.match(text) is not None
    return not quiet and _VERSION.search(text) is None and _SIGNATURES.search(text) is None


def of_values(said: Mapping[str, str], known: Mapping[str, FieldValue]) -> Meaning | None:
    """What was decided: `said` by their compared names, `known` the ECS fields they are."""
    if not known.keys() >= _ENDS:
        return None
    decision = next((said[name].strip().lower() for name in NAMES if name in said), "")
    if decision in _DENIED:
        return Meaning("connection-denied", {**known, "event.outcome": FAILURE})
    return Meaning("connection-allowed", {**known, "event.outcome": SUCCESS}) if decision in _ALLOWED else None
