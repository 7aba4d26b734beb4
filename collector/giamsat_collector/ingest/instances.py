# SPDX-License-Identifier: Apache-2.0
"""One agent, one running instance: a copied identity shows when two of them are alive at the same time.

A host that lost its power leaves a connection behind that looks open. So when another instance comes, the one that
holds the place has a while to say something: an agent that lives does so every 20 seconds. If it does, there are two,
and the newcomer is refused; if it is silent, it is gone, and the newcomer takes its place.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from giamsat_collector.enrol.admission import NotAdmittedError

PROBE_S: Final = 25.0
"""Longer than the pause between two heartbeats, shorter than an agent waits for an answer to its greeting."""
SETTLE_S: Final = 2.0
"""What arrives this soon after a newcomer was under way before it came."""


class TwoInstancesError(NotAdmittedError):
    """Another instance of this agent is alive."""

    def __init__(self) -> None:
        super().__init__("concurrent_use")


@dataclass(slots=True)
class _Holder:
    nonce: int
    streams: int = 1
    heard_s: float = 0.0
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Instances:
    """Which instance of each agent holds its streams. `dismiss` closes those of one that fell silent."""

    def __init__(
        self, dismiss: Callable[[str, int], None], probe_s: float = PROBE_S, settle_s: float = SETTLE_S
    ) -> None:
        self._holders: dict[str, _Holder] = {}
        self._dismiss = dismiss
        self._probe_s = probe_s
        self._settle_s = settle_s

    async def claim(self, agent: str, nonce: int) -> None:
        """One more stream of an instance; `release` it afterwards.

        Raises:
            TwoInstancesError: another instance is alive.
        """
        holder = self._holders.get(agent)
        if holder is not None and holder.nonce != nonce:
            await self._probe(agent, holder)
        holder = self._holders.get(agent)
        if holder is None:
            self._holders[agent] = _Holder(nonce)
        elif holder.nonce == nonce:
            holder.streams += 1
        else:
            raise TwoInstancesError

    async def _probe(self, agent: str, holder: _Holder) -> None:
        """Find out whether the holder is alive; one that is not loses its place."""
        loop = asyncio.get_running_loop()
        asked_s = loop.time()
        try:
            async with asyncio.timeout(self._probe_s):
                while holder.streams:
                    holder.news.clear()
                    await holder.news.wait()
                    if holder.heard_s > asked_s + self._settle_s:
                        raise TwoInstancesError
        except TimeoutError:
            self._dismiss(agent, holder.nonce)
        if self._holders.get(agent) is holder:
            del self._holders[agent]

    def heard(self, agent: str, nonce: int) -> None:
        """Something arrived on a stream of this instance."""
        holder = self._holders.get(agent)
        if holder is not None and holder.nonce == nonce:
            holder.heard_s = asyncio.get_running_loop().time()
            holder.news.set()

    def release(self, agent: str, nonce: int) -> None:
        """A stream of this instance has ended."""
        holder = self._holders.get(agent)
        if holder is not None and holder.nonce == nonce:
            holder.streams -= 1
            holder.news.set()
            if not holder.streams:
                del self._holders[agent]
