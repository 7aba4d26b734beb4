# SPDX-License-Identifier: Apache-2.0
"""What rules on new values have seen, handed over a restart: told as it is seen, and given back to the next life.

Of hosts of networks there is a record of its own; it is read instead.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from giamsat_collector.first_seen import Known, Told, topic
from giamsat_collector.sightings import sighting
from giamsat_collector.sightings.sighting import Sighting
from giamsat_collector.silence.silences import Places
from giamsat_rules.history import Memory


class FirstSeenMemory:
    """Those of the engine that is `followed`; what it sees is there to be `taken` and kept."""

    def __init__(self) -> None:
        self._memories: Mapping[str, Memory] = {}
        self._told: dict[tuple[str, str, tuple[str, ...]], int | None] = {}

    def follow(self, memories: Mapping[str, Memory]) -> None:
        """Hear what the rules of these names see from now on."""
        self._memories = memories
        for of, memory in self._kept():
            memory.tell = partial(self._hear, of)

    def taken(self) -> Told:
        """What was told since this was last asked."""
        told, self._told = self._told, {}
        return told

    def give(self, known: Iterable[Known]) -> None:
        """What is known is not new, nor its owner; none of it is told again."""
        told, memories = dict(self._told), dict(self._kept())
        for one in known:
            if one.topic in memories:
                memories[one.topic].recollect(one.owner, one.values, one.first_ns, one.last_ns)
        self._told = told

    def recall(self, seen: Iterable[Sighting], places: Places) -> None:
        """Hosts of networks that are known are not new."""
        asking = [memory for memory in self._memories.values() if memory.history.fields == sighting.FIELDS]
        for one in seen if asking else ():
            subject = places.subject(one.asset)
            for memory in asking:
                memory.recall(subject, (one.segment, one.mac), one.first_ns, one.last_ns)

    def _kept(self) -> Iterator[tuple[str, Memory]]:
        for name, memory in self._memories.items():
            if memory.history.fields != sighting.FIELDS:
                yield topic(name, memory.history), memory

    def _hear(self, of: str, owner: str, values: tuple[str, ...], at_ns: int | None) -> None:
        self._told[of, owner, values] = at_ns
