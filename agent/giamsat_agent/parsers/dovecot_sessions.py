# SPDX-License-Identifier: Apache-2.0
"""One failed login of Dovecot's is told by each password database that was asked, and by the connection when it ends.

    auth: passwd-file(an,203.0.113.9,<SESSION>): Password mismatch
    imap-login: Disconnected: … (auth failed, 2 attempts in 8 secs): user=<an>, …, session=<SESSION>

The databases do so with `auth_verbose = yes`; the session is the connection's.
"""

import re
from typing import Final

from giamsat_agent.message import FAILURE, Meaning

PRODUCT: Final = "dovecot"
SESSIONS_KEPT: Final = 1_024
_ASKED: Final = re.compile(
    r"auth(?:-worker)?(?:\(\d{1,10}\))?: (?:conn unix:[^<>]{1,256}<\d{1,10}>: )?"
    r"(?P<database>[\w-]{1,32})\(.{0,512}?,<(?P<session>[^<>]{1,64})>\): "
)
"""The database stands before what a peer chose: one that tells of an attempt cannot be taken for another."""
_ENDED: Final = re.compile(r"session=<([^<>]{1,64})>\Z")


class DovecotSessions:
    """Remembers of each of the latest connections which databases have told of the attempt it is at."""

    def __init__(self) -> None:
        self._told: dict[str, set[str]] = {}

    def told(self, text: str, meaning: Meaning | None) -> bool:
        """Whether a message tells of a failed login that was told before."""
        if meaning is None or meaning.fields.get("event.outcome") != FAILURE:
            return False
        if (asked := _ASKED.match(text)) is None:
            ended = _ENDED.search(text)
            return ended is not None and self._told.pop(ended[1], None) is not None
        database, session = asked["database"], asked["session"]
        attempt = self._told.get(session)
        if attempt is not None and database not in attempt:
            attempt.add(database)
            return True
        self._told[session] = {database}
        if len(self._told) > SESSIONS_KEPT:
            del self._told[next(iter(self._told))]
        return False
