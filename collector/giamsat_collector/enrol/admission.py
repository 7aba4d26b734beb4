# SPDX-License-Identifier: Apache-2.0
"""Why somebody who connects is not let in: a reason that is counted, and a sentence that says what to do."""

from collections.abc import Mapping
from typing import Final

_ANEW: Final = "ask the SOC: this host must be enrolled anew"
SENTENCES: Final[Mapping[str, str]] = {
    "no_certificate": "no certificate was shown: this port is for enrolled agents; first: giamsat-agent enrol",
    "malformed_certificate": f"the certificate cannot be read; {_ANEW}",
    "malformed_identity": f"the certificate is not one of an agent; {_ANEW}",
    "unknown_agent": f"no such agent is known here, or not in this unit: was the collector restored? {_ANEW}",
    "superseded_certificate": (
        f"this certificate was replaced by a later one, which is in use: this host was set back or copied; {_ANEW}"
    ),
    "concurrent_use": (
        "another instance of this agent is connected: stop the other one; if this host is a copy, enrol it anew"
    ),
    "revoked": _ANEW,
    "locked": f"{_ANEW}, unless its unit is given a successor",
}


class NotAdmittedError(PermissionError):
    """A connection is refused. The text is the reason, one of `SENTENCES`; `sentence` is for the other end."""

    def __init__(self, reason: str, why: str = "") -> None:
        self.sentence = f"{why}; {SENTENCES[reason]}" if why else SENTENCES[reason]
        super().__init__(reason)


def not_admitted(refused: str) -> NotAdmittedError:
    """Of an agent that may not connect, by what `Enrolled.refused` says."""
    return NotAdmittedError(refused.partition(":")[0], refused)
