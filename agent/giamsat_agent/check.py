# SPDX-License-Identifier: Apache-2.0
"""The contract of everything that asks an application whether it works.

A check is built once with what the configuration says and run again and again, each run for itself and within its
time limit. It reports figures as it goes: those it had before it failed are kept. It asks nothing but its configured
target, holds a bounded number of bytes, and leaves nothing open. A run that ends is a success; anything wrong is a
`CheckError`. Figures have blackbox_exporter's names, units and labels.
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from giamsat_agent.errors import AgentError
from giamsat_wire.clock import Clock
from giamsat_wire.record import Labels, Sample

Result = TypeVar("Result")

FIGURES: Final = 64
"""Figures of one run that are kept."""
TEXT_LETTERS: Final = 200
"""Letters of a text out of the other end that are kept in a label or a reason."""


class Failure(StrEnum):
    """Why a check failed: who has to look, and where."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    UNTRUSTED = "untrusted"
    WRONG_ANSWER = "wrong_answer"
    REFUSED = "refused"
    UNUSABLE = "unusable"


class CheckError(AgentError):
    """What was checked does not work; `failure` is the kind of fault, the message what was seen."""

    failure = Failure.WRONG_ANSWER


class UnreachableError(CheckError):
    """There is no connection: no such name, no way there, or nobody listens."""

    failure = Failure.UNREACHABLE


class UntrustedError(CheckError):
    """There is a connection, and its certificate or its TLS is not to be trusted."""

    failure = Failure.UNTRUSTED


class WrongAnswerError(CheckError):
    """It answers, and not as it should."""


class RefusedError(CheckError):
    """It answers, and does not let us in."""

    failure = Failure.REFUSED


class UnusableError(CheckError):
    """The check itself cannot be made as it is configured, on this host."""

    failure = Failure.UNUSABLE


@dataclass(slots=True)
class Run:
    """One run of a check: the time, and what was measured so far."""

    clock: Clock
    stuck: "asyncio.Future[object] | None" = None
    _figures: dict[tuple[str, Labels], float] = field(default_factory=dict)

    def set(self, name: str, value: float, /, **labels: str) -> None:
        """Report a figure, in place of what was reported for it before; label values may come from the other end."""
        shown = tuple(sorted((key, shorten(text)) for key, text in labels.items()))
        if len(self._figures) < FIGURES or (name, shown) in self._figures:
            self._figures[name, shown] = float(value)

    @property
    def samples(self) -> tuple[Sample, ...]:
        """What was reported."""
        return tuple(Sample(name, value, labels) for (name, labels), value in self._figures.items())

    def seconds_since(self, began_ns: int) -> float:
        """How long ago that was by the monotonic clock, to a tenth of a millisecond."""
        return round((self.clock.mono_ns() - began_ns) / 1e9, 4)

    async def blocking(self, work: Callable[[], Result]) -> Result:
        """Do on a thread of its own what may hang (a dead disk, a silent name server); nothing waits for that thread.

        While one hangs, `stuck` is not done, and the check is not run again.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        self.stuck = ended = loop.create_future()

        def settle(result: Result | None, error: BaseException | None) -> None:
            if not ended.done():
                ended.set_result(None)
            if done.done():
                return
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)  # type: ignore[arg-type] # without an error there is a result

        def body() -> None:
            result, error = None, None
            try:
                result = work()
            except BaseException as raised:  # noqa: BLE001 - raised again where it is waited for
                error = raised
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, result, error)

        threading.Thread(target=body, name="check", daemon=True).start()
        return await done


class Check(Protocol):
    """Asks one thing whether it works."""

    async def run(self, run: Run) -> None:
        """Ask once; return when all is well.

        Raises:
            CheckError: it is not; what was reported before counts.
        """
        ...


def shorten(text: str) -> str:
    """Text of the other end as it may be kept: bounded, and without what would break a line or hide in it."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:TEXT_LETTERS])
