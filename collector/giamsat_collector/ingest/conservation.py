# SPDX-License-Identifier: Apache-2.0
"""The books of one agent: produced = stored + declared lost + spooled, checked at every heartbeat.

Numbers are given without a gap, so everything an agent produced in a lane is its last number; what it holds is what
follows the collector's mark; what is stored or declared lost is counted here, apart from the mark, as it is written.
If the three do not meet, something was lost without a number going up, or counted twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from giamsat_collector.ingest.session import Incoming, Mark, Missing
from giamsat_wire.lane import Lane


@dataclass(slots=True)
class _Account:
    opened_at: int
    stored: int = 0
    gaps: set[Missing] = field(default_factory=set)

    def lost(self, mark: int) -> int:
        """Numbers up to the mark that were declared lost."""
        return sum(gap.last - gap.first + 1 for gap in self.gaps if self.opened_at < gap.first and gap.last <= mark)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a heartbeat says of a lane: the last number given, and the last one the agent knows to be acknowledged.

    `given_up` is how many frames the agent itself let go of since it started.
    """

    lane: Lane
    produced: int
    acked: int
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Frames of a lane: produced and not here yet, and given up by the agent since it started."""

    frames: int
    given_up: int


@dataclass(slots=True)
class Books:
    """One agent's lanes. An account is opened at the mark its greeting was answered with."""

    violations: Mapping[Lane, int] = field(default_factory=dict)
    _claims: dict[Lane, Claim] = field(default_factory=dict)
    _accounts: dict[Lane, _Account] = field(default_factory=dict)

    def opened(self, marks: Iterable[Mark]) -> None:
        """A greeting was answered with these marks; what is before them was settled then."""
        for mark in marks:
            before = self._accounts.get(mark.lane)
            ahead = {gap for gap in before.gaps if gap.epoch == mark.epoch and gap.last > mark.seq} if before else set()
            self._accounts[mark.lane] = _Account(mark.seq, gaps=ahead)

    def declared(self, missing: Iterable[Missing]) -> None:
        """These will never come; the mark passes each of them once what is before it is durable."""
        for gap in missing:
            if gap.lane in self._accounts:
                self._accounts[gap.lane].gaps.add(gap)

    def stored(self, frames: Iterable[Incoming]) -> None:
        """These frames are durable, each of them once."""
        for frame in frames:
            account = self._accounts.get(frame.lane)
            if account is not None:
                account.stored += 1

    def check(self, claims: Iterable[Claim], marks: Mapping[Lane, int]) -> bool:
        """Compare what the agent says with what was written; whether a lane has ceased to be right just now.

        Afterwards `violations` says by how many frames each lane that is not right is off.
        """
        found = dict(self.violations)
        for claim in claims:
            self._claims[claim.lane] = claim
            off = self._off(claim, marks.get(claim.lane, 0))
            found.pop(claim.lane, None)
            if off:
                found[claim.lane] = off
        worse = bool(found.keys() - self.violations.keys())
        self.violations = found
        return worse

    def waiting(self, marks: Mapping[Lane, int]) -> Mapping[Lane, Waiting]:
        """What the agent holds back, by its last heartbeat; nothing before the first."""
        return {
            lane: Waiting(max(0, claim.produced - marks.get(lane, 0)), claim.given_up)
            for lane, claim in sorted(self._claims.items())
        }

    def _off(self, claim: Claim, mark: int) -> int:
        account = self._accounts.get(claim.lane)
        if account is None:
            return 0
        # Passed by the mark and neither stored nor declared lost, or stored twice.
        uncounted = abs(mark - account.opened_at - account.stored - account.lost(mark))
        # Acknowledged, so the agent may have let go of them, and not covered by the mark.
        taken_back = max(0, claim.acked - mark)
        # Stored, and never produced.
        never_given = max(0, mark - claim.produced)
        return uncounted + taken_back + never_given
