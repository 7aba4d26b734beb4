# SPDX-License-Identifier: Apache-2.0
"""Which agents there are and when each was last heard. Kept in memory, saved now and then, loaded at start.

After a start nobody counts as silent for longer than the collector itself has been listening: what was not heard
while the collector was down says nothing about the agents.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from giamsat_collector.enrol.agents import Enrolled
from giamsat_collector.ingest.presence import Greeting
from giamsat_collector.ingest.tables import contacts
from giamsat_wire import limits
from giamsat_wire.clock import SECOND_NS, Clock

DEFAULT_PERIOD_S: Final = 15.0
BEATS: Final = 8
"""The newest times an agent told, of which the one that was least long on its way says how far its clock is off."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What an agent said of itself, and when it was last heard by the collector's clock.

    `offset_ns` is the collector's clock minus the host's. `left` is why the agent said goodbye, None while it runs.
    """

    agent: str
    hostname: str
    version: str
    period_s: float
    offset_ns: int
    heard_ns: int
    left: str | None = None


class Fleet:
    """Every agent that was ever heard."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._contacts: dict[str, Contact] = {}
        self._offsets: dict[str, deque[int]] = {}
        self._heard_mono_ns: dict[str, int] = {}
        self._listening_since_mono_ns = clock.mono_ns()
        self._silent_before: set[str] = set()

    def greeted(self, greeting: Greeting) -> None:
        """An agent opened a stream."""
        self._silent_before.discard(greeting.agent)
        self._offsets[greeting.agent] = deque([greeting.offset_ns], BEATS)
        self._contacts[greeting.agent] = Contact(
            agent=greeting.agent,
            hostname=greeting.hostname,
            version=greeting.version,
            period_s=greeting.frame_period_s,
            offset_ns=greeting.offset_ns,
            heard_ns=self._clock.wall_ns(),
        )
        self._heard_mono_ns[greeting.agent] = self._clock.mono_ns()

    def heard(self, agent: str, at_ns: int) -> None:
        """Something arrived from an agent."""
        contact = self._contacts.get(agent)
        if contact is not None:
            self._contacts[agent] = replace(contact, heard_ns=at_ns, left=None)
            self._heard_mono_ns[agent] = self._clock.mono_ns()
            self._silent_before.discard(agent)

    def clocked(self, agent: str, offset_ns: int) -> None:
        """An agent told its time. A link that is busy only ever adds to the offset, so the least of BEATS counts."""
        contact = self._contacts.get(agent)
        if contact is not None:
            told = self._offsets.setdefault(agent, deque(maxlen=BEATS))
            told.append(offset_ns)
            self._contacts[agent] = replace(contact, offset_ns=min(told))

    def left(self, agent: str, reason: str) -> None:
        """An agent said goodbye."""
        contact = self._contacts.get(agent)
        if contact is not None:
            self._contacts[agent] = replace(contact, left=reason)

    def forget(self, agent: str) -> None:
        """An agent is not waited for any more."""
        self._contacts.pop(agent, None)
        self._offsets.pop(agent, None)
        self._heard_mono_ns.pop(agent, None)
        self._silent_before.discard(agent)

    def contact(self, agent: str) -> Contact | None:
        """What is known of one agent."""
        return self._contacts.get(agent)

    def period_s(self, agent: str) -> float:
        """How often an agent sends readings."""
        contact = self._contacts.get(agent)
        return contact.period_s if contact else DEFAULT_PERIOD_S

    def offset_ns(self, agent: str) -> int:
        """How far an agent's clock was off when it was last heard; 0 for one that never was."""
        contact = self._contacts.get(agent)
        return contact.offset_ns if contact else 0

    def __iter__(self) -> Iterator[Contact]:
        return iter(tuple(self._contacts.values()))

    def quiet_since_ns(self, contact: Contact) -> int:
        """From when on the silence of an agent counts."""
        if contact.agent in self._silent_before:
            return contact.heard_ns
        return self._clock.wall_ns() - self._quiet_ns(contact.agent, self._listening_since_mono_ns)

    def _quiet_ns(self, agent: str, otherwise_mono_ns: int) -> int:
        """For how long nothing was heard; a wall clock that is set makes no agent silent, and hides no silence."""
        return self._clock.mono_ns() - self._heard_mono_ns.get(agent, otherwise_mono_ns)

    def still_silent(self, agent: str) -> None:
        """An agent whose silence was an alert before this start is silent until it is heard."""
        self._silent_before.add(agent)

    def stale(self, agent: str) -> bool:
        """Whether an agent has been silent for longer than its frames may take."""
        contact = self._contacts.get(agent)
        if contact is None:
            return True
        before_start_ns = self._clock.mono_ns() - max(0, self._clock.wall_ns() - contact.heard_ns)
        return self._quiet_ns(agent, before_start_ns) > limits.STALE_PERIODS * contact.period_s * SECOND_NS

    def state(self, agent: Enrolled) -> str:
        """live, silent, stopped (it said goodbye), never_seen, locked or revoked."""
        contact = self._contacts.get(agent.id)
        if agent.revoked_ns is not None:
            return "revoked"
        if agent.locked_ns is not None:
            return "locked"
        if contact is None:
            return "never_seen"
        if contact.left is not None:
            return "stopped"
        return "silent" if self.stale(agent.id) else "live"

    def load(self, connection: Connection) -> None:
        """Go on from what was saved."""
        for row in connection.execute(select(contacts)):
            self._contacts[row.agent] = Contact(
                row.agent, row.hostname, row.version, row.period_s, row.offset_ns, row.heard_ns, row.left
            )

    def save(self, connection: Connection) -> None:
        """Write everything down."""
        connection.execute(delete(contacts))
        rows = [
            {
                "agent": contact.agent,
                "hostname": contact.hostname,
                "version": contact.version,
                "period_s": contact.period_s,
                "offset_ns": contact.offset_ns,
                "heard_ns": contact.heard_ns,
                "left": contact.left,
            }
            for contact in self._contacts.values()
        ]
        if rows:
            connection.execute(insert(contacts), rows)
