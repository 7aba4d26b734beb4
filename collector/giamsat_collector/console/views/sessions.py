# SPDX-License-Identifier: Apache-2.0
"""What the page of one's own sessions prints."""

from dataclasses import dataclass

from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.sessions import Open
from giamsat_collector.console.views import words


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session."""

    address: str
    begun: Moment
    used: Moment
    own: bool

    @classmethod
    def of(cls, session: Open, reader: Reader) -> "SessionRow":
        """A session as its user reads of it."""
        return cls(
            address=words.visible(session.address),
            begun=reader.moment(session.created_ns),
            used=reader.moment(session.seen_ns),
            own=session.own,
        )
